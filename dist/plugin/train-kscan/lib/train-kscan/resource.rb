module Kscan
  # Which resource of InSpec's own has a command run. What its tools' answers mean is known; what a profile's own commands say is read by their words.
  module Resource
    OF_INSPEC = %r{/inspec/resources/(?!(?:command|bash|ksh|script|powershell)\.rb)(\w+)\.rb\z}.freeze
    OF_PROFILE = %r{(\A|/)(controls|libraries)/.*\.rb\z}.freeze

    # Of the resource `service` and those of single service managers: by which name it asks.
    module Service
      private

      def info
        outer = Thread.current[:kscan_service]
        Thread.current[:kscan_service] = @service_name.to_s
        super
      ensure
        Thread.current[:kscan_service] = outer
      end
    end

    def self.install
      require "inspec/resources/service"
      Inspec::Resources::Service.prepend(Service) unless Inspec::Resources::Service.include?(Service)
    end

    # {"resource" => name}, of a service with its name; nil where a profile's own code comes first.
    def self.now
      place = caller_locations.map(&:path).find { |path| path.match?(OF_INSPEC) || path.match?(OF_PROFILE) }
      name = place && place[OF_INSPEC, 1]
      service = Thread.current[:kscan_service]
      name && { resource: name, **(service ? { service: service } : {}) }
    end
  end
end
