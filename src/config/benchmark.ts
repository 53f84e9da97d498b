import type { Benchmark } from './config.ts'
import type { Reader } from './reader.ts'

/** STIG Manager cuts what is longer, and would not find the benchmark. */
const LONGEST_ID = 255
const ID = /^[A-Za-z0-9_.-]+$/
const SHORT = /^(?:V(?<version>\d{1,4}))?R(?<release>\d{1,4}(?:\.\d{1,4})?)$/i
// As DISA's benchmarks and the checklists of STIG Viewer have it.
const LONG = /^(?:V(?<version>\d{1,4}),? )?Release: (?<release>\d{1,4}(?:\.\d{1,4})?) Benchmark Date: (?<date>\d{1,2} [A-Z][a-z]{2,8} \d{4})$/i

/** `stig-id` and `stig-release`. They are of one benchmark, and so of one profile. */
export const readBenchmark = (reader: Reader): Benchmark => {
  demandOneProfile(reader)
  return { id: readId(reader), ...readRelease(reader) }
}

const demandOneProfile = (reader: Reader): void => {
  const given = ['stig-id', 'stig-release'].find((name) => reader.given(name))
  const profiles = reader.list('profile').length
  if (given === undefined || profiles < 2) return
  reader.problem(given, 'one profile, for stig-id and stig-release', [String(profiles), 'Scan with each profile in a run of its own.'])
}

const readId = (reader: Reader): string | undefined => {
  const id = reader.text('stig-id')
  if (id !== '' && (id.length > LONGEST_ID || !ID.test(id)))
    reader.problem('stig-id', `an id of letters, digits, _ . and -, of at most ${LONGEST_ID} characters`, [JSON.stringify(id.slice(0, LONGEST_ID))])
  return id || undefined
}

const readRelease = (reader: Reader): Pick<Benchmark, 'version' | 'release'> => {
  const text = reader.text('stig-release').replace(/\s+/g, ' ')
  if (text === '') return { version: undefined, release: undefined }
  const parts = (SHORT.exec(text) ?? LONG.exec(text))?.groups
  if (parts === undefined) {
    reader.problem('stig-release', 'a release like V2R1, R1 or Release: 1 Benchmark Date: 24 Jul 2024', [JSON.stringify(text.slice(0, LONGEST_ID))])
    return { version: undefined, release: undefined }
  }
  return { version: parts['version'], release: releaseInfo(parts) }
}

/** STIG Manager takes for the release what stands between `Release:` and a blank: without a date the blank is the last. */
const releaseInfo = ({ release = '', date }: Readonly<Record<string, string | undefined>>): string =>
  `Release: ${release} ${date === undefined ? '' : `Benchmark Date: ${date}`}`
