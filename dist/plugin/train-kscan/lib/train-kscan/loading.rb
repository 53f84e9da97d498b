module Kscan
  # Which file of controls is evaluated, by which profile.
  module Loading
    # Of the class of profiles, as they are loaded. `load` is what a profile says of the controls of another that it wraps.
    module Files
      %i[load load_control_file].each do |name|
        define_method(name) do |*args|
          outer = Thread.current[:kscan_file]
          Thread.current[:kscan_file] = control_eval_context
          PROFILES[args[1]] = profile_id if args[1]
          Unmet.holding([]) { super(*args) }
        ensure
          Thread.current[:kscan_file] = outer
        end
      end
    end

    # The name of a profile by each of its files.
    PROFILES = {}

    CONTROLS = %r{(\A|/)controls/.*\.rb\z}.freeze

    class << self
      def install
        require "inspec/profile_context"
        Inspec::ProfileContext.prepend(Files) unless Inspec::ProfileContext.include?(Files)
      end

      # InSpec's context of that file.
      def file
        Thread.main[:kscan_file]
      end

      # The line of a file of controls that is evaluated; nil outside of any.
      def line
        stack.find { |place| place.path.match?(CONTROLS) && !place.path.start_with?(__dir__) }
      end

      private

      # Of a thread that was started also what the main one is at.
      def stack
        Thread.current == Thread.main ? caller_locations : caller_locations + Thread.main.backtrace_locations
      end
    end
  end
end
