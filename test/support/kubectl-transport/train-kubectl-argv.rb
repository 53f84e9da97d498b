# The truth that kscan is measured against: every command is one `kubectl exec` of its own, started from an argument array.
# No local shell, no shared session, no parsing of output; Train's own platform detection and Linux file class.
#
# How to call it (needs kubectl on PATH and KUBECONFIG in the environment):
#
#   mkdir CONFIG
#   echo '{"plugins_config_version":"1.0.0","plugins":[{"name":"train-kubectl-argv","installation_type":"path",
#     "installation_path":"…/test/support/kubectl-transport/train-kubectl-argv.rb"}]}' > CONFIG/plugins.json
#   INSPEC_CONFIG_DIR=CONFIG AUDITOR exec PROFILE -t kubectl-argv://NAMESPACE/POD/CONTAINER --reporter json:truth.json
#
# `bin/truth` in this folder does just that. Options, in the environment:
#   KUBECTL_ARGV_TRANSCRIPT=FILE  one JSON line per command that was asked, cached answers included: who asked, and how it ended
#   KUBECTL_ARGV_STAT=portable    `stat -c` in place of GNU's `stat --printf`, which busybox lacks: Train then sees no mode, owner
#                                 or type of any file of an image that it does not take for Alpine
#   KUBECTL_ARGV_DETECTION=docker the file resource (no command) is shown an empty /.dockerenv; default: native, what is there
require_relative 'train-kubectl-argv/transport'
