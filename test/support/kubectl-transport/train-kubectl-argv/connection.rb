require 'json'
require 'train'
require_relative 'exec'
require_relative 'file'

module TrainPlugins
  module KubectlArgv
    # One `kubectl exec` per command.
    class Connection < Train::Plugins::Transport::BaseConnection
      def initialize(options)
        super(options)
        @exec = Exec.new(options)
        @transcript = options[:transcript] && ::File.open(options[:transcript], 'a').tap { |file| file.sync = true }
      end

      def uri
        "kubectl-argv://#{@options[:namespace]}/#{@options[:pod]}/#{@options[:container]}"
      end

      def unique_identifier
        uri
      end

      # Above Train's cache, so that the transcript names everyone who asked, not only the first.
      def run_command(command, opts = {}, &handler)
        super.tap { |result| record(command, result) }
      end

      private

      def run_command_via_connection(command, opts = {}, &_handler)
        stdout, stderr, status = @exec.run(command, opts[:timeout])
        CommandResult.new(stdout, stderr, status)
      end

      def file_via_connection(path, *_args)
        kind = @options[:stat] == 'portable' ? PortableFile : Train::File::Remote::Linux
        kind = PresentedFile if path == '/.dockerenv' && @options[:detection] == 'docker'
        kind.new(self, path)
      end

      def record(command, result)
        return unless @transcript

        line = { asker: asker, command: command, status: result.exit_status, stdout: result.stdout.bytesize, stderr: result.stderr.byteslice(0, 200).scrub }
        @transcript.puts(JSON.generate(line))
      end

      # The control whose check runs, or the place in a control file that is being loaded, or nobody (detection).
      def asker
        example = defined?(RSpec) && RSpec.current_example
        return example.metadata[:id].to_s if example

        place = caller_locations.find { |frame| frame.path.match?(%r{(^|/)(controls|test)/[^/]+\.rb$}) }
        place ? "#{::File.basename(place.path)}:#{place.lineno}" : ''
      end
    end
  end
end
