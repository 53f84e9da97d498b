# The lines of /etc/passwd.
class Accounts
  Entry = Struct.new(:name, :password, :uid, :gid, :comment, :home, :shell)

  NO_LOGIN = /(?:\A|\/)(?:nologin|false|true|sync|halt|shutdown)\z/.freeze

  attr_reader :all

  def initialize(text)
    @all = text.lines.map(&:chomp).reject { |line| line.empty? || line.start_with?('#', '+', '-') }.map { |line| Entry.new(*line.split(':', -1).first(7)) }
  end

  def ids
    all.map(&:uid).grep(/\A\d+\z/).uniq.map(&:to_i)
  end

  # More than one name of an id, or more than one line of a name.
  def doubles
    %i[name uid].flat_map { |field| all.group_by(&field).values.select { |same| same.size > 1 } }.map { |same| same.map(&:name).join(' and ') }.uniq
  end
end
