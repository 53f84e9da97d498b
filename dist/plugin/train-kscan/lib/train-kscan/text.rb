require "json"

module Kscan
  # The auditor's report is UTF-8, and what a container or a profile says need not be: one such text would end the whole audit. It is written with escapes
  # instead, and the check that it belongs to is an error, unless it failed: what was found is not what can be shown.
  module Text
    NOT_WRITTEN = "A text of it cannot be written as UTF-8; the bytes that are none are shown as \\xNN".freeze

    def self.install
      require "inspec/runner"
      require "inspec/formatters"
      require "inspec/reporters"
      require "inspec/method_source"
      { Inspec::MethodSource.singleton_class => Source, Inspec::Runner => Checks, Inspec::Formatters::Base => Examples, Inspec::Reporters::Json => Report }.each do |theirs, ours|
        theirs.prepend(ours) unless theirs.include?(ours)
      end
    end

    def self.writable?(value)
      value.to_json
      true
    rescue StandardError
      false
    end

    # The same with all its texts in UTF-8.
    def self.written(value)
      return value if writable?(value)

      case value
      when String then escaped(value)
      when Array then value.map { |each| written(each) }
      when Hash then value.to_h { |key, each| [written(key), written(each)] }
      else value.class.name
      end
    end

    def self.escaped(text)
      text.dup.force_encoding(Encoding::UTF_8).scrub { |bytes| bytes.unpack("C*").map { |byte| format("\\x%02X", byte) }.join }
    end
    private_class_method :escaped

    # What the reports take for an error: a failed result with a backtrace.
    def self.error(message, name = "EncodingError")
      { status: "failed", message: message, exception: name, backtrace: [] }
    end

    # A control's source is shown where it can be.
    module Source
      def code_at(*)
        super
      rescue ArgumentError
        ""
      end
    end

    # A check that cannot be described fails before it runs.
    module Checks
      private

      def get_check_example(method_name, arg, block)
        super
      rescue StandardError => e
        rspec_failed_block(["A check that could not be described"], block_source_info(block), e.message)
      end
    end

    # A check that ran and cannot be told.
    module Examples
      private

      def format_example(example)
        super
      rescue StandardError => e
        { **example.metadata.slice(:id, :profile_id, :waiver_data), code_desc: "A check that could not be told", run_time: 0.0,
          start_time: Time.now.to_datetime.rfc3339.to_s, resource_title: "", **Text.error(e.message, e.class.name) }
      end
    end

    # The report as it is written.
    module Report
      def report
        Text.written(super)
      end

      private

      def profile_controls(profile)
        super.map do |control|
          next control if Text.writable?(control)

          Text.written(control).then { |whole| whole.merge(results: whole[:results] + [Text.error(NOT_WRITTEN).merge(code_desc: "The control's own texts")]) }
        end
      end

      def profile_results(control)
        super.map do |result|
          next result if Text.writable?(result)

          result[:status] == "failed" ? Text.written(result) : Text.written(result).merge(Text.error(NOT_WRITTEN))
        end
      end

      def extract_resource_id(result)
        super
      rescue StandardError
        ""
      end
    end
  end
end
