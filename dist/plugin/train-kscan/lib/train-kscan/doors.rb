require "etc"
require "socket"

module Kscan
  # The ways by which Ruby code gets something of the machine that it runs on: connections, names, programs, files.
  module Doors
    LOOKS = FileTest.singleton_methods(false).freeze

    # What goes through, and by whose own methods; `initialize` makes an instance.
    ALL = [
      ["a connection", [TCPSocket, UDPSocket, UNIXSocket, Socket], %i[initialize]],
      ["a name", [Addrinfo.singleton_class, Socket.singleton_class, IPSocket.singleton_class], %i[getaddrinfo getaddress gethostname ip_address_list getifaddrs]],
      ["an account", [Etc.singleton_class], %i[getpwnam getpwuid getgrnam getgrgid getlogin passwd group getpwent getgrent uname]],
      ["a program", [Kernel, Kernel.singleton_class, Process.singleton_class, IO.singleton_class], %i[` system spawn exec fork popen]],
      ["a file", [File, File::Stat, Dir], %i[initialize]],
      ["a file", [IO.singleton_class], %i[read binread readlines foreach sysopen copy_stream]],
      ["a file", [File.singleton_class], LOOKS + %i[stat lstat readlink realpath ftype mtime atime ctime birthtime empty?]],
      ["a file", [FileTest.singleton_class], LOOKS],
      ["a file", [Dir.singleton_class], %i[glob [] entries children each_child foreach exist? empty?]],
      ["a file", [Kernel, Kernel.singleton_class], %i[open test]]
    ].freeze

    # Calls the block with what goes through which door, as ("a file", ["/etc/passwd"]), but not with what the block itself needs.
    def self.watch(&seen)
      ALL.each do |what, owners, names|
        owners.each { |owner| owner.prepend(door(what, own(owner, names), seen)) }
      end
    end

    def self.own(owner, names)
      names.to_h { |name| [name, owner.private_method_defined?(name, false)] }.select { |name, hidden| hidden || owner.method_defined?(name, false) }
    end

    def self.door(what, names, seen)
      Module.new do
        names.each do |name, hidden|
          define_method(name) do |*args, **options, &block|
            Doors.tell(what, args, seen)
            super(*args, **options, &block)
          end
          private name if hidden
        end
      end
    end

    def self.tell(what, args, seen)
      return if Thread.current[:kscan_telling]

      begin
        Thread.current[:kscan_telling] = true
        seen.call(what, args)
      ensure
        Thread.current[:kscan_telling] = nil
      end
    end
    private_class_method :own, :door
  end
end
