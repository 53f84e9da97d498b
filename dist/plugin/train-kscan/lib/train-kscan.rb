# Loaded by the auditor through plugins.json (installation_type "path").
require "train"
require_relative "train-kscan/transport"
