module Kscan
  # Who asks: the control whose check runs, else the control that is being loaded or whose checks are being made, else the file of controls that is being
  # loaded, else nobody in particular: then the answer counts for all controls.
  module Asker
    # Remembers the control whose block is evaluated: resources asked there run at load.
    module Evaluating
      def initialize(*, **, &block)
        outer = Thread.current[:kscan_control]
        Thread.current[:kscan_control] = self
        Unmet.holding(Unmet.held) { super }
      ensure
        Thread.current[:kscan_control] = outer
      end
    end

    # Remembers the control whose `describe` blocks are evaluated next: twice, after all controls were loaded and before the first check runs.
    module Making
      def prepare_checks(rule)
        Thread.current[:kscan_checks_of] = rule_id(rule).to_s
        super
      end
    end

    class << self
      attr_accessor :over
      attr_writer :example
    end

    def self.install
      require "inspec/rule"
      Inspec::Rule.prepend(Evaluating) unless Inspec::Rule.include?(Evaluating)
      Inspec::Rule.singleton_class.prepend(Making) unless Inspec::Rule.singleton_class.include?(Making)
    end

    # {"control" => id} or {"file" => path} or {}; with "skipped" where a condition was not met before, so that it matters only if the checks run after all.
    # A thread that was started asks for what the main one is at.
    def self.now
      check = running || (Thread.main[:kscan_control] ? nil : Thread.main[:kscan_checks_of])
      return { control: check } if check

      loading.merge(Unmet.now? ? { skipped: true } : {})
    end

    # Gives who asks; where a condition was not met before, also, and later, the control that rests on the answer after all.
    def self.each
      return if over

      asker = now
      yield asker
      Unmet.hold { yield loading } if asker[:skipped]
    end

    def self.loading
      rule = Thread.main[:kscan_control]
      return { control: Inspec::Rule.rule_id(rule).to_s } if rule

      file = Loading.line&.path
      file ? { file: file } : {}
    end

    def self.running
      example = RSpec.current_example if defined?(RSpec) && RSpec.respond_to?(:current_example)
      (example || @example)&.metadata&.fetch(:id, nil)&.to_s
    end
  end

  # Tells the broker of each check's end: live progress.
  class Progress
    EVENTS = %i[start stop example_started example_passed example_failed example_pending].freeze

    def self.install(wire)
      RSpec.configuration.reporter.register_listener(new(wire), *EVENTS) if defined?(RSpec)
    end

    def initialize(wire)
      @wire = wire
    end

    def start(notification)
      Thread.current[:kscan_checks_of] = nil
      @wire.tell({ verb: "event", event: "start", checks: notification.count })
    end

    # For threads, which RSpec tells of none.
    def example_started(notification)
      Asker.example = notification.example
    end

    # What is asked from now on is for the reports, and nothing rests on it.
    def stop(_notification)
      Asker.over = true
    end

    %w[passed failed pending].each do |status|
      define_method("example_#{status}") do |notification|
        Asker.example = nil
        @wire.tell({ verb: "event", event: "check", status: status, control: notification.example.metadata[:id].to_s })
      end
    end
  end
end
