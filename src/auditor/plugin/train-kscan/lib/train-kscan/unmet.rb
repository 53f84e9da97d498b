module Kscan
  # A condition that is not met (`only_if`, `only_applicable_if`, or `only_if` of a whole file) takes the checks out of a control, yet InSpec evaluates
  # the rest of its body all the same. What is asked there decides nothing, unless it decides that the impact becomes 0, or another condition.
  module Unmet
    # Of the class of controls. `super` evaluates the condition.
    module Conditions
      def only_if(*, **, &block)
        Unmet.deciding { super }
      end

      def only_applicable_if(*, &block)
        Unmet.deciding { super }
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
        return false if Thread.main[:kscan_deciding]

        unmet?(Thread.main[:kscan_control]) || Loading.file&.skip_file == true
      end

      def deciding
        outer = Thread.current[:kscan_deciding]
        Thread.current[:kscan_deciding] = true
        yield
      ensure
        Thread.current[:kscan_deciding] = outer
      end

      # Keeps what is to be done should the control that is being loaded rest on the answer after all.
      def hold(&block)
        held << block
      end

      def count_after_all
        held.each(&:call).clear
      end

      def forget
        held.clear
      end

      private

      def unmet?(rule)
        rule && [Inspec::Rule.skip_status(rule), Inspec::Rule.na_status(rule)].any? { |status| status&.fetch(:result, nil) == true }
      end

      def held
        Thread.current[:kscan_held] ||= []
      end
    end
  end
end
