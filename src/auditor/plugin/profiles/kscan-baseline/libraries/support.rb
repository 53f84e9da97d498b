require 'date'

# Until when a distribution gets security fixes: data of endoflife.date, of 2026-08-22. `free` is the last day without a contract, `paid`
# that with one; `late` is the first day of a time in which only part of it is kept up by others (Debian's LTS).
class Support
  Release = Struct.new(:free, :paid, :late)

  def self.release(free, paid: nil, late: nil)
    Release.new(free, paid, late)
  end
  private_class_method :release

  RELEASES = {
    'debian' => {
      '13' => release('2030-06-30', late: '2028-08-10'), '12' => release('2028-06-30', late: '2026-07-12'), '11' => release('2026-08-31', late: '2024-08-15'),
      '10' => release('2024-06-30'), '9' => release('2022-06-30'), '8' => release('2020-06-30')
    },
    'ubuntu' => {
      '26.04' => release('2031-04-30'), '24.04' => release('2029-05-31'), '22.04' => release('2027-04-01', paid: '2032-04-09'),
      '20.04' => release('2025-05-31', paid: '2030-04-02'), '18.04' => release('2023-05-31', paid: '2028-04-01'),
      '25.10' => release('2026-07-01'), '25.04' => release('2026-01-17'), '24.10' => release('2025-07-10')
    },
    'alpine' => {
      '3.24' => release('2028-06-01'), '3.23' => release('2027-11-01'), '3.22' => release('2027-05-01'), '3.21' => release('2026-11-01'),
      '3.20' => release('2026-04-01'), '3.19' => release('2025-11-01'), '3.18' => release('2025-05-09')
    },
    'rhel' => { '10' => release('2035-05-31'), '9' => release('2032-05-31'), '8' => release('2029-05-31'), '7' => release('2024-06-30', paid: '2029-05-31') },
    'rocky' => { '10' => release('2035-05-31'), '9' => release('2032-05-31'), '8' => release('2029-05-31') },
    'almalinux' => { '10' => release('2035-05-31'), '9' => release('2032-05-31'), '8' => release('2029-05-31') },
    'ol' => { '9' => release('2032-06-30'), '8' => release('2029-07-31'), '7' => release('2024-12-31') },
    'amzn' => { '2023' => release('2029-06-30'), '2' => release('2026-06-30'), '2018.03' => release('2023-12-31') },
    'fedora' => { '44' => release('2027-06-02'), '43' => release('2026-12-09'), '42' => release('2026-05-27') },
    'centos' => { '10' => release('2030-05-31'), '9' => release('2027-05-31'), '8' => release('2024-05-31'), '7' => release('2024-06-30') },
    'opensuse-leap' => { '16.0' => release('2027-10-31'), '15.6' => release('2026-04-30') },
    'sles' => { '16.0' => release('2027-11-30'), '15.7' => release('2031-07-31'), '15.6' => release('2025-12-31') }
  }.freeze
  # Of these the number before the point tells.
  MAJOR = %w[rhel rocky almalinux ol centos debian].freeze

  attr_reader :id, :version

  # `text`: os-release.
  def initialize(text)
    fields = text.to_s.lines.filter_map { |line| line.match(/\A([A-Z_]+)=(["']?)(.*?)\2\s*\z/)&.captures&.values_at(0, 2) }.to_h
    @id = fields['ID'].to_s
    @version = versioned(fields['VERSION_ID'].to_s)
  end

  def known?
    RELEASES.key?(id) && !version.empty?
  end

  # Undefined for one that is newer, or much older, than the table.
  def release
    RELEASES.dig(id, version)
  end

  # :supported, :late, :ended or :unknown.
  def state(today, extended:)
    return :unknown unless release

    ends = [release.free, *(extended ? [release.paid] : [])].compact.max
    return :ended if today > Date.iso8601(ends)

    release.late && today >= Date.iso8601(release.late) ? :late : :supported
  end

  def to_s
    "#{id} #{version}"
  end

  private

  def versioned(text)
    return text[/\A\d+/].to_s if MAJOR.include?(id)

    id == 'alpine' ? text[/\A\d+\.\d+/].to_s : text
  end
end
