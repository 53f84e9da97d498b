require "train/file/remote/linux"

module Kscan
  # A file of the target. All metadata come in one request; content only when asked, of regular files only.
  class TargetFile < Train::File::Remote::Linux
    TYPES = { 0o14 => :socket, 0o12 => :symlink, 0o10 => :file, 0o06 => :block_device, 0o04 => :directory, 0o02 => :character_device, 0o01 => :pipe }.freeze

    def exist?
      facts[@follow_symlink ? "exists" : "present"] == true
    end

    def stat
      fields(facts[@follow_symlink ? "stat" : "lstat"])
    end

    def content
      known, bytes, command = @content || @backend.content(@path)
      @content = [known, bytes, command] if known
      @backend.note_asker(command)
      bytes&.empty? && (size.nil? || size > 0) ? nil : bytes
    end

    def shallow_link_path
      symlink? ? text(facts["link"]) : nil
    end

    private

    # Train hands the same file to every control, so whoever asks is noted each time.
    def facts
      found = @backend.facts(@path) || {}
      @backend.note_asker(found["command"])
      found
    end

    def fields(stat)
      return {} if stat.nil?

      mode = stat["mode"]
      { type: TYPES.fetch(mode >> 12, :unknown), mode: mode & 0o7777, owner: text(stat["owner"]), uid: stat["uid"], group: text(stat["group"]),
        gid: stat["gid"], mtime: stat["mtime"], size: stat["size"], selinux_label: text(stat["selinux"]) }
    end

    def read_target_path
      text(facts["real"]) || ""
    end

    # A text of the facts holds a byte in each character.
    def text(bytes)
      bytes&.encode(Encoding::ISO_8859_1)&.force_encoding(Encoding::UTF_8)
    end

    # Train pastes the path unquoted.
    def perform_checksum_unix(command)
      result = @backend.run_command("#{command} #{@spath}")
      result.stdout.split(" ").first&.delete_prefix("\\") if result.exit_status == 0
    end
  end
end
