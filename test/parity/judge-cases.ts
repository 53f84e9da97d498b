// Judges the recorded cases by the sources in a folder, which may be changed ones: the names of the cases that come out otherwise, as JSON.
// node judge-cases.ts SOURCES CASES
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { textOf } from './hdf.ts'
import { outcomeOf, type Recorded, type Sources } from './recorded.ts'

const [sources = '', cases = ''] = process.argv.slice(2)
const load = async (file: string): Promise<object> => (await import(pathToFileURL(`${sources}/${file}`).href)) as object
const product = Object.assign({}, await load('hdf/parse.ts'), await load('verdict/judge.ts'), await load('verdict/threshold.ts')) as Sources
const recorded = JSON.parse(readFileSync(cases, 'utf8')) as readonly Recorded[]

const differs = ({ hdf, threshold, outcome }: Recorded): boolean => {
  try {
    return JSON.stringify(outcomeOf(textOf(hdf), threshold, product)) !== JSON.stringify(outcome)
  } catch {
    return true
  }
}
console.log(JSON.stringify(recorded.flatMap((one, index) => (differs(one) ? [index] : []))))
