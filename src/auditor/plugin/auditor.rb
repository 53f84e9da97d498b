# frozen_string_literal: true

# Starts the auditor that gems.rb has unpacked: auditor.rb FOLDER exec PROFILE …
# FOLDER/lib is one load path for all gems, so that `require` looks in one place: half the time to start of activated gems.

NEEDS_PARSER = { 'check' => '--legacy-check', 'export' => '--legacy-export', 'json' => '--legacy-export' }.freeze

folder = File.expand_path(ARGV.shift)
library = File.join(folder, 'lib')
legacy = NEEDS_PARSER[ARGV.first]
abort "kscan-auditor: `#{ARGV.first}` needs #{legacy} here: the gems that parse Ruby source are not part of this auditor" if legacy && !ARGV.include?(legacy)

$LOAD_PATH.unshift(library)
# What this file loads is used by the commands above only, is a fifth of the time to start, and a part of it is native.
$LOADED_FEATURES << File.join(library, 'inspec', 'utils', 'profile_ast_helpers.rb')

if ARGV == ['version'] # all else takes a second, and is not needed to know that it starts
  require 'inspec/version'
  puts Inspec::VERSION
  exit
end

require 'inspec/dist'
# Before inspec/cli, which takes copies. The license gate is for the product that the original names stand for.
{ PRODUCT_NAME: 'kscan auditor', EXEC_NAME: 'kscan-auditor' }.each do |name, value|
  Inspec::Dist.send(:remove_const, name)
  Inspec::Dist.const_set(name, value)
end

require 'inspec/plugin/v2'
# The original resolves all gems of the machine in search of plugins: slow, and foreign code. Ours is registered by its path.
Inspec::Plugin::V2::Loader.class_eval { def detect_system_plugins; end }

require 'inspec/cli'
Inspec::InspecCLI.start(ARGV, enforce_license: false)
