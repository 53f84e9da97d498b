# What the kernel says of the processes: one command's answer, read.
class Processes
  # One answer for all. What a process calls itself, or is given, holds no line break by then, so that it cannot look like another process.
  QUESTION = <<~'SH'.tr("\n", ' ').freeze
    for p in /proc/[0-9]*; do
    printf '\n=process %s\n' "${p#/proc/}"; cat "$p/status" "$p/cgroup";
    printf '\n=stat '; tr '\n' ' ' <"$p/stat";
    printf '\n=arguments '; tr '\0\n' '\001 ' <"$p/cmdline";
    done 2>/dev/null;
    printf '\n=self\n'; cat /proc/self/status /proc/self/cgroup;
    printf '\n=uptime '; cat /proc/uptime
  SH

  Entry = Struct.new(:pid, :fields, :cgroup, :stat, :arguments) do
    def name
      fields['Name'].to_s
    end

    def ids(of)
      fields[of].to_s.split.map(&:to_i)
    end

    def number(of)
      fields[of].to_s[/\A\d+/]&.to_i
    end

    def capabilities(set)
      fields[set].to_s.hex
    end

    def over?
      fields['State'].to_s.start_with?('Z', 'X')
    end

    # Since the kernel started, in hundredths of a second.
    def started
      stat.to_s.rpartition(') ').last.split[19].to_i
    end

    def to_s
      "#{name} (#{pid})"
    end
  end

  attr_reader :self_entry, :uptime

  # Raises ArgumentError for an answer without the process that asked.
  def initialize(text)
    head, *parts = text.split(/^=(?=process \d+$|self$|uptime )/)
    raise ArgumentError, 'the processes were not told' if head.nil?

    @entries = parts.select { |part| part.start_with?('process ') }.map { |part| entry(part) }
    own = parts.reverse.find { |part| part.start_with?('self') }
    @uptime = parts.reverse.find { |part| part.start_with?('uptime ') }.to_s[/\Auptime ([\d.]+)/, 1].to_f
    @self_entry = own && entry(own)
    told = %w[Uid NSsid CapBnd].all? { |name| @self_entry&.fields&.key?(name) }
    raise ArgumentError, 'the process that asked was not told' unless told && @uptime.positive?
  end

  # Those of this container that are not the scan's own: process 1 may be of another one.
  def own
    @own ||= @entries.select do |each|
      each.fields.key?('Uid') && each.started.positive? && !each.over? && within?(each.cgroup) && each.fields['NSsid'] != @self_entry.fields['NSsid']
    end
  end

  def oldest
    own.min_by(&:started)
  end

  private

  # The control group of who asks, or one below it that a program of the container has made. Of another container's the kernel shows the way up.
  def within?(cgroup)
    cgroup.size == @self_entry.cgroup.size && @self_entry.cgroup.zip(cgroup).all? do |mine, other|
      other == mine || (other.start_with?("#{mine.delete_suffix('/')}/") && !other.split(':', 3).last.match?(%r{\A/\.\.(?:/|\z)}))
    end
  end

  def entry(part)
    lines, stat, arguments = part.split(/^=(?:stat|arguments) /)
    first, *rest = lines.to_s.lines.map(&:chomp)
    fields = rest.filter_map { |line| line.match(/\A(\w+):\t(.*)\z/)&.captures }.to_h
    cgroup = rest.grep(/\A\d+:[^:]*:/).map { |line| line.delete_suffix(' (deleted)') }
    Entry.new(first[/\d+/], fields, cgroup, stat, arguments.to_s.chomp.split("\u0001"))
  end
end
