module Kscan
  # InSpec looks whether `ss` or `netstat` is there, and takes neither of them for "nothing listens". What is lent does not seem to be there, so both are
  # then run without looking: a lent one answers, and a missing one is a command without its program, whose control is unjudged.
  module Ports
    # Of the class that is asked which programs there are.
    module Unasked
      def exist?
        Thread.current[:kscan_unasked] || super
      end
    end

    def self.install
      require "inspec/resources/command"
      require "inspec/resources/port"
      Inspec::Resources::LinuxPorts.prepend(self) unless Inspec::Resources::LinuxPorts.include?(self)
      Inspec::Resources::Cmd.prepend(Unasked) unless Inspec::Resources::Cmd.include?(Unasked)
    end

    def info
      super || unasked { super } || neither
    end

    private

    def unasked
      Thread.current[:kscan_unasked] = true
      yield
    ensure
      Thread.current[:kscan_unasked] = nil
    end

    def neither
      return if [126, 127].include?(inspec.command("ss -tulpen").exit_status)

      raise Inspec::Exceptions::ResourceFailed, "Neither `ss` nor `netstat` said which ports are open"
    end
  end
end
