require 'train'
require 'train/plugins'
require_relative 'connection'

module TrainPlugins
  module KubectlArgv
    # `kubectl-argv://NAMESPACE/POD/CONTAINER`; the three may be given as options of their own instead.
    class Transport < Train.plugin(1)
      name 'kubectl-argv'

      option :namespace, default: nil
      option :pod, default: nil
      option :container, default: nil
      option :kubectl, default: 'kubectl'
      option :transcript, default: ENV['KUBECTL_ARGV_TRANSCRIPT']
      option :stat, default: ENV.fetch('KUBECTL_ARGV_STAT', 'gnu')
      option :detection, default: ENV.fetch('KUBECTL_ARGV_DETECTION', 'native')

      def connection(_instance_opts = nil)
        @connection ||= Connection.new(@options.merge(target))
      end

      private

      def target
        pod, container = @options[:path].to_s.split('/').reject(&:empty?)
        named = {
          namespace: @options[:namespace] || @options[:host],
          pod: @options[:pod] || pod,
          container: @options[:container] || container
        }
        missing = named.select { |_, value| value.to_s.empty? }.keys
        raise Train::UserError, "kubectl-argv://NAMESPACE/POD/CONTAINER lacks: #{missing.join(', ')}" unless missing.empty?

        named
      end
    end
  end
end
