module Kscan
  # A condition that is not met (`only_if`, `only_applicable_if`, or `only_if` of a whole file) takes the checks out of a control, yet InSpec evaluates
  # the rest of its body all the same. What is asked there decides nothing, but whether the impact becomes 0: "not applicable" instead of "not reviewed".
  module Unmet
    # Of the class of controls. `super` evaluates the condition.
    module Conditions
      def only_if(*, **, &block)
        Unmet.deciding(self) { super }
      end

      def only_applicable_if(*, &block)
        Unmet.deciding(self) { super }
      end

      def impact(*)
        before = @impact
        super.tap { |now| Unmet.count_after_all if now == 0 && before != 0 && Thread.current[:kscan_control].equal?(self) }
      end
    end

    class << self
      def install
        require "inspec/rule"
        Inspec::Rule.prepend(Conditions) unless Inspec::Rule.include?(Conditions)
      end

      # Whether what is asked while controls are loaded comes after a condition that is not met.
      def now?
        !Thread.main[:kscan_deciding] && unmet?(Thread.main[:kscan_control])
      end

      # Runs a condition, which decides something unless the control is out already, with an impact of 0.
      def deciding(rule)
        outer = Thread.current[:kscan_deciding]
        Thread.current[:kscan_deciding] = !(unmet?(rule) && rule.impact == 0)
        yield
      ensure
        Thread.current[:kscan_deciding] = outer
      end

      # Keeps what is to be done should a control that is being loaded rest on the answer after all.
      def hold(&block)
        held << block
      end

      # For a file, or for a control, which may rest on what its file asked.
      def holding(first)
        outer = held
        Thread.main[:kscan_held] = first.dup
        yield
      ensure
        Thread.main[:kscan_held] = outer
      end

      def held
        Thread.main[:kscan_held] ||= []
      end

      def count_after_all
        held.each(&:call)
      end

      private

      def unmet?(rule)
        return true if Loading.file&.skip_file == true

        rule && [Inspec::Rule.skip_status(rule), Inspec::Rule.na_status(rule)].any? { |status| status&.fetch(:result, nil) == true }
      end
    end
  end
end
