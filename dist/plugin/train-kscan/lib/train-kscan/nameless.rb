require "securerandom"

module Kscan
  # Checks outside of a control get an id from InSpec that is random in each run, so that nothing can name them: no baseline, no waiver, no --controls.
  # Here it tells profile, file and line, and the number of the check among those of that line: several may stand there, and a loop makes many.
  module Nameless
    # InSpec's `describe` finds it in the place of Ruby's SecureRandom.
    module Ordinal
      def self.hex(*size)
        Thread.current[:kscan_ordinal] || ::SecureRandom.hex(*size)
      end
    end

    # A file of controls without the folder of its profile, which may be another in each run.
    IN_PROFILE = %r{(?:.*/|\A)(controls/.*)}.freeze

    # By profile, as it is loaded: one that two others wrap is loaded for each.
    SEEN = Hash.new { |seen, profile| seen[profile] = Hash.new(0) }.compare_by_identity

    def self.install
      require "inspec/control_eval_context"
      context = Inspec::ControlEvalContext
      return if context.include?(self)

      context.prepend(self)
      context.const_set(:SecureRandom, Ordinal)
    end

    private

    def block_location(*)
      line = Loading.line
      file = line ? "#{line.path[IN_PROFILE, 1]}:#{line.lineno}" : File.basename(super)
      place = "#{Loading::PROFILES.fetch(line&.path, profile_id)}/#{file}"
      Thread.current[:kscan_ordinal] = SEEN[profile_context][place] += 1
      place
    end
  end
end
