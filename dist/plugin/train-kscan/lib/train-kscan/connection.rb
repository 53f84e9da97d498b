require_relative "asker"
require_relative "file"
require_relative "loading"
require_relative "nameless"
require_relative "ports"
require_relative "resource"
require_relative "runner"
require_relative "shared"
require_relative "text"
require_relative "unmet"
require_relative "wire"

module Kscan
  Result = Struct.new(:stdout, :stderr, :exit_status, :kscan_command)

  # Commands and files of one container, through the broker. Holds no credential of the cluster.
  class Connection < Train::Plugins::Transport::BaseConnection
    def initialize(options)
      super
      @wire = Wire.new(options[:socket], options[:token])
      @identity = options[:identity].to_s
      @noted = {}
      @facts = {}
      [Loading, Asker, Unmet, Nameless, Ports, Resource, Shared, Text].each(&:install)
      Runner.install(@wire)
      Progress.install(@wire)
    end

    # The asker is named above Train's cache: an answer from memory counts for every control that uses it.
    def run_command(cmd, opts = {}, &handler)
      result = super
      note_resource(result.kscan_command)
      note_asker(result.kscan_command)
      result
    end

    # Train's own detection asks for much that no Linux has; that is no lack.
    def platform
      return @platform if @platform

      @detecting = true
      super
    ensure
      @detecting = false
    end
    alias os platform

    # Nil when the answer was lost: what is not known is not remembered.
    def facts(path)
      @facts[path] ||= ask_file("facts", path) { |answer, _| answer["facts"].merge("command" => answer["command"]) }
    end

    # [whether there is an answer, bytes or nil, the number of the command]
    def content(path)
      ask_file("content", path) { |answer, raw| [true, answer["found"] ? raw.first : nil, answer["command"]] } || [false, nil, nil]
    end

    # Tells the broker, once for each pair, that this control rests on that command's answer.
    def note_asker(command)
      return if command.nil? || @detecting

      Shared.remember(command) { note_asker(command) }
      Asker.each { |asker| note(command, asker) }
    end

    # Tells the broker, once for each pair, which resource of InSpec's own ran that command.
    def note_resource(command)
      resource = @detecting || Asker.over ? nil : Resource.now
      return if resource.nil? || @noted[[command, resource]]

      @noted[[command, resource]] = true
      @wire.tell({ verb: "event", event: "ran", command: command, **resource })
    end

    def uri
      "kscan://#{@identity}"
    end

    def unique_identifier
      @identity
    end

    private

    def note(command, asker)
      return if @noted[[command, asker]]

      @noted[[command, asker]] = true
      @wire.tell({ verb: "event", event: "asked", command: command, **asker })
    end

    def run_command_via_connection(cmd, opts = {}, &_handler)
      answer, raw = @wire.ask({ verb: "exec", timeout: opts[:timeout]&.to_f }, cmd.to_s.b)
      note_asker(answer["command"]) unless answer["kind"] == "done"
      case answer["kind"]
      when "done" then Result.new(raw[0], raw[1], answer["status"], answer["command"])
      when "timed-out" then raise Train::CommandTimeoutReached, answer["message"]
      else raise Train::TransportError, answer["message"]
      end
    end

    def file_via_connection(path, *args)
      TargetFile.new(self, path, *args)
    end

    # Outside of a check an error would end the whole run without a report (the reporters read paths), so there it is no answer, and noted as such.
    def ask_file(verb, path)
      answer, raw = @wire.ask({ verb: "file", want: verb }, path.to_s.b)
      unless answer["kind"] == "done"
        note_asker(answer["command"])
        raise Train::TransportError, answer["message"]
      end

      yield answer, raw
    rescue Train::TransportError
      raise if Asker.running || Thread.current[:kscan_control]

      nil
    end
  end
end
