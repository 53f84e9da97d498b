# frozen_string_literal: true

# Loaded by the auditor's own Ruby in place of the auditor (RUBYOPT=-rahead): what it would find in profiles before it runs one of their controls. Nothing of them
# runs here but the templates of their metadata. Folders come by the standard input, as a JSON array; the answer goes to descriptor 3, in the same order.

require 'erb'
require 'json'
require 'psych'

def metadata(folder)
  text = ERB.new(File.read(File.join(folder, 'inspec.yml'), encoding: 'UTF-8')).result(binding)
  Psych.parse(text, filename: 'inspec.yml')
  { text: text }
rescue Exception => e # a template is a program: what it raises may be anything
  { error: "#{e.class}: #{e.message}" }
end

# As InSpec loads it: each file of Ruby in these folders. What is not UTF-8 is left to the auditor.
def faults(folder)
  Dir.glob('{controls,libraries}/**/*.rb', base: folder).sort.filter_map do |name|
    source = File.binread(File.join(folder, name)).force_encoding('UTF-8')
    RubyVM::InstructionSequence.compile(source, name, name) if source.valid_encoding?
    nil
  rescue SyntaxError => e
    e.message
  end
end

seen = JSON.parse($stdin.read).map { |folder| { metadata: metadata(folder), faults: faults(folder) } }
IO.for_fd(3).tap { |answer| answer.write(JSON.generate(seen)) }.flush
exit! # before the auditor
