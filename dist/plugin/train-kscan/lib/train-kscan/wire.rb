require "json"
require "socket"
require_relative "text"

module Kscan
  # The socket to the broker. A frame is a 4-byte length, that many bytes of JSON, then the raw sections whose sizes the JSON's "sizes" lists. Threads
  # take turns.
  class Wire
    def initialize(path, token)
      @socket = UNIXSocket.new(path)
      @turn = Mutex.new
      @next = 0
      ask({ verb: "hello", token: token, protocol: 1 })
    end

    # Sends one request and waits for its answer: [Hash, [String, ...]] with raw sections as UTF-8 of unchecked bytes.
    def ask(header, *sections)
      @turn.synchronize do
        @next += 1
        put(header.merge(id: @next), sections)
        answer, raw = take
        raise Train::TransportError, "the broker answered request #{answer["id"]} instead of #{@next}" unless answer["id"] == @next

        [answer, raw]
      end
    rescue SystemCallError, IOError => e
      raise Train::TransportError, "the connection to kscan is gone: #{e.message}"
    end

    # Sends what needs no answer.
    def tell(header)
      @turn.synchronize { put(header.merge(id: 0), []) }
    rescue SystemCallError, IOError
      nil # whoever asks next is told
    end

    private

    def put(header, sections)
      json = JSON.generate(Text.written(header).merge(sizes: sections.map(&:bytesize)))
      @socket.write([json.bytesize].pack("N"), json, *sections)
    end

    def take
      header = JSON.parse(exactly(exactly(4).unpack1("N")))
      [header, header["sizes"].map { |size| exactly(size).force_encoding(Encoding::UTF_8) }]
    end

    def exactly(size)
      return +"" if size == 0

      bytes = @socket.read(size)
      raise IOError, "closed" if bytes.nil? || bytes.bytesize < size

      bytes
    end
  end
end
