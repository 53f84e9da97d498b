require_relative "connection"

module Kscan
  class Transport < Train.plugin(1)
    name "kscan"
    option :socket, required: true
    option :token, required: true
    option :identity, default: ""

    def connection(_instance_options = nil)
      @connection ||= Connection.new(@options)
    end
  end
end
