require 'train'

module TrainPlugins
  module KubectlArgv
    # Runs one command in a container by `kubectl exec`, byte for byte.
    class Exec
      def initialize(options)
        @argv = [options[:kubectl], 'exec', options[:pod], '-n', options[:namespace], '-c', options[:container], '--', '/bin/sh', '-c']
      end

      # @param timeout [Numeric, nil] seconds
      # @return [Array(String, String, Integer)] stdout, stderr, exit status of the command itself
      # @raise [Train::TransportError] when kubectl could not run it: a truth that was not seen must not look like an answer
      def run(command, timeout)
        out, err, status = read(command, timeout)
        ending = "command terminated with exit code #{status}\n"
        return [text(out), text(err), status] if status.zero?
        raise Train::TransportError, "kubectl exec ended with #{status}: #{err}" unless err.end_with?(ending)

        [text(out), text(err.delete_suffix(ending)), status]
      end

      private

      def read(command, timeout)
        out, out_end = IO.pipe(binmode: true)
        err, err_end = IO.pipe(binmode: true)
        pid = Process.spawn(*@argv, command, in: ::File::NULL, out: out_end, err: err_end)
        [out_end, err_end].each(&:close)
        readers = [out, err].map { |pipe| Thread.new { pipe.read } }
        wait(readers, pid, timeout)
        _, ended = Process.wait2(pid)
        [*readers.map(&:value), ended.exitstatus || 128 + ended.termsig]
      ensure
        [out, err].each { |pipe| pipe&.close }
      end

      def wait(readers, pid, timeout)
        deadline = timeout && Process.clock_gettime(Process::CLOCK_MONOTONIC) + timeout
        readers.each do |reader|
          left = deadline && [deadline - Process.clock_gettime(Process::CLOCK_MONOTONIC), 0].max
          next if reader.join(left)

          Process.kill(:KILL, pid)
          Process.wait(pid)
          raise Train::CommandTimeoutReached, "no end after #{timeout} s"
        end
      end

      # Same bytes, under the label that Train's own transports give to output.
      def text(bytes)
        bytes.force_encoding(Encoding::UTF_8)
      end
    end
  end
end
