require_relative "asker"
require_relative "doors"

module Kscan
  # What a check asks of the machine that the auditor runs on says nothing of the container. Whoever goes through one of Ruby's doors is looked for on the
  # stack, so that neither resources nor a profile's own Ruby have to be known by name.
  module Runner
    # One connection may answer for several controls, so that whoever makes such a resource is noted, too.
    CONNECTED = %w[ssl mongodb_session].freeze
    # Writes a file here to copy it to the target, which answers.
    COPIES = "sybase_session".freeze
    OWN_RUBY = "ruby".freeze
    # So many frames tell almost always.
    NEAR = 16
    WATCH = [__FILE__, File.join(__dir__, "doors.rb")].freeze

    class << self
      def install(wire)
        @wire = wire
        @noted = {}
        @askers = {}
        return if Inspec::Resource.include?(Made)

        Inspec::Resource.prepend(Made)
        Doors.watch { |what, args| passes(what, args) }
      end

      def note(resource, what)
        Shared.remember([resource, what]) { note(resource, what) }
        Asker.each do |asker|
          next if @noted[[resource, what, asker]]

          @noted[[resource, what, asker]] = true
          @wire.tell({ verb: "event", event: "runner", resource: resource, what: what, **asker })
        end
      end

      private

      # Most calls are the auditor's own, and are known by a few frames.
      def passes(what, args)
        place = decisive(caller_locations(1, NEAR)) || decisive(caller_locations(NEAR))
        resource = place && asker_at(place.path)
        return if [nil, :auditor, COPIES].include?(resource)

        words = args.first.is_a?(Integer) ? "" : args.grep_v(Hash).join(" ").strip
        note(resource, words.empty? ? what : "#{what} (#{words[0, 200]})") unless what == "a file" && resource == OWN_RUBY && own_file?(words, place.path)
      end

      def decisive(places)
        places&.find { |place| asker_at(place.path) != :library }
      end

      def asker_at(file)
        @askers[file] ||= known_at(file)
      end

      # A resource's name, OWN_RUBY of a profile, :auditor (to load code is its business), or :library of what any of them uses.
      def known_at(file)
        return :library if WATCH.include?(file)
        return :auditor if file.start_with?(File.dirname(__dir__, 3))
        return file.include?("/rubygems/") ? :auditor : :library if file.start_with?("<internal:", "(eval")

        folder = $LOAD_PATH.find { |each| file.start_with?("#{each}/") }
        inside = file.delete_prefix("#{folder}/")
        return OWN_RUBY if folder.nil? || folder.end_with?("/libraries") || inside.start_with?("libraries/", "controls/")

        inside[%r{\Ainspec.*/resources/(\w+)\.rb\z}, 1] || (inside.start_with?("inspec", "rubygems", "train/platforms/") ? :auditor : :library)
      end

      # A profile may read what it brings.
      def own_file?(path, code)
        root = code[%r{\A(/.*)/(?:controls|libraries)/}, 1]
        root && File.expand_path(path).start_with?("#{root}/")
      end
    end

    # What asks from here whenever it asks.
    module Made
      def supersuper_initialize(backend, name)
        Runner.note(name.to_s, "a connection") if CONNECTED.include?(name.to_s)
        super
      end
    end
  end
end
