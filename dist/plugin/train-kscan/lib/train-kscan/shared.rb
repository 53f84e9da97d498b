module Kscan
  # A resource remembers its answers, and several controls may look at one: made beside controls, or kept by a library. Who calls it rests on all that it has
  # asked so far, though nothing is asked again.
  module Shared
    # Of all resources: a class is watched once one of it is made.
    module Made
      def supersuper_initialize(backend, name)
        Shared.watch(self.class)
        Shared.within(self) { super }
      end
    end

    CALLS = Hash.new { |calls, type| calls[type] = Shared.calls_of(type) }.compare_by_identity

    class << self
      def install
        require "inspec/resource"
        Inspec::Resource.prepend(Made) unless Inspec::Resource.include?(Made)
      end

      def watch(type)
        type.prepend(CALLS[type]) unless type.include?(CALLS[type])
      end

      # What a class of resources answers, with what it takes by method_missing.
      def calls_of(type)
        names = type.public_instance_methods - Inspec::Resource.public_instance_methods + [:method_missing]
        Module.new do
          names.each { |name| define_method(name) { |*args, **options, &block| Shared.within(self) { super(*args, **options, &block) } } }
        end
      end

      # Counts what was asked while this resource was called, now or before, for whoever calls.
      def within(resource)
        asked, counted = resource.instance_variable_get(:@kscan_asked) || resource.instance_variable_set(:@kscan_asked, [{}, {}])
        calling.push(asked)
        yield
      ensure
        calling.pop
        count(asked, counted) unless asked.empty? || Asker.over
      end

      # Keeps how to count an answer for others, too.
      def remember(key, &count)
        calling.each { |asked| asked[key] ||= count }
      end

      private

      # Once for each caller, until more is asked.
      def count(asked, counted)
        caller = Asker.now
        return if counted[caller] == asked.size && calling.empty?

        counted[caller] = asked.size
        asked.values.each(&:call)
      end

      def calling
        Thread.main[:kscan_calling] ||= []
      end
    end
  end
end
