require 'delegate'
require 'train'

module TrainPlugins
  module KubectlArgv
    # An empty /.dockerenv that the container does not have: what `container-detection: docker` shows to the file resource.
    class PresentedFile < Train::File::Remote::Linux
      def exist?
        true
      end

      def content
        ''
      end
    end

    # Train's Linux file, asked for its metadata by `stat -c`, which GNU and busybox both know.
    class PortableFile < Train::File::Remote::Linux
      def stat
        @stat ||= Train::Extras::Stat.linux_stat(@spath, PortableStat.new(@backend), @follow_symlink)
      end

      # The connection, but for the one option that busybox lacks.
      class PortableStat < SimpleDelegator
        GNU = ' 2>/dev/null --printf '.freeze

        def run_command(command)
          before, _, format = command.rpartition(GNU)
          __getobj__.run_command("#{before} 2>/dev/null -c #{format}")
        end
      end
    end
  end
end
