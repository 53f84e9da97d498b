require "train/file/remote/linux"

module Kscan
  # A file of the target. All metadata come in one request; content only when asked, of regular files only.
  class TargetFile < Train::File::Remote::Linux
    TYPES = { 0o14 => :socket, 0o12 => :symlink, 0o10 => :file, 0o06 => :block_device, 0o04 => :directory, 0o02 => :character_device, 0o01 => :pipe }.freeze

    def exist?
      facts[@follow_symlink ? "exists" : "present"] == true
    end

    def stat
      @stat ||= begin
        @backend.note_asker(facts["command"])
        fields(facts[@follow_symlink ? "stat" : "lstat"])
      end
    end

    def content
      return @content if defined?(@content)

      @content = @backend.content(@path)
      @content = nil if @content&.empty? && (size.nil? || size > 0)
      @content
    end

    def shallow_link_path
      symlink? ? facts["link"] : nil
    end

    private

    def facts
      @facts ||= @backend.facts(@path)
    end

    def fields(stat)
      return {} if stat.nil?

      mode = stat["mode"]
      { type: TYPES.fetch(mode >> 12, :unknown), mode: mode & 0o7777, owner: stat["owner"], uid: stat["uid"], group: stat["group"], gid: stat["gid"],
        mtime: stat["mtime"], size: stat["size"], selinux_label: stat["selinux"] }
    end

    def read_target_path
      facts["real"] || ""
    end

    # Train pastes the path unquoted.
    def perform_checksum_unix(command)
      result = @backend.run_command("#{command} #{@spath}")
      result.stdout.split(" ").first&.delete_prefix("\\") if result.exit_status == 0
    end
  end
end
