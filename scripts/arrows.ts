// Holds the arrows between the folders of src: who may import whom. Fails with every import that is not in the list, and when the list has a cycle.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const ARROWS: Readonly<Record<string, readonly string[]>> = {
  entry: ['command', 'host'],
  command: ['config', 'scan', 'cluster', 'target', 'access', 'approach', 'session', 'auditor', 'profile', 'hdf', 'verdict', 'report', 'undo', 'host'],
  host: [],
  config: [],
  scan: ['config', 'cluster', 'target', 'access', 'approach', 'session', 'auditor', 'profile', 'hdf', 'verdict', 'report', 'undo', 'host'],
  approach: ['session', 'cluster'],
  access: ['cluster', 'undo'],
  target: ['cluster'],
  cluster: ['process', 'undo', 'session'],
  auditor: ['session', 'process', 'undo'],
  profile: ['process'],
  report: ['verdict', 'hdf', 'compliance'],
  compliance: [],
  verdict: ['hdf'],
  session: ['shell'],
  shell: [],
  hdf: [],
  undo: [],
  process: [],
  kernel: []
}

/** The folder of a file of src; the entries at its top are one room of their own. */
const roomOf = (file: string): string => {
  const path = relative('src', file)
  return path.includes('/') ? (path.split('/')[0] ?? '') : 'entry'
}

const importsOf = (file: string): string[] => {
  const source = readFileSync(file, 'utf8')
  return [...source.matchAll(/(?:from|import)\s*\(?\s*(?:\/\*.*?\*\/\s*)?'(\.[^']+)'/g)].map(([, path]) => join(dirname(file), path ?? ''))
}

const wrongArrows = (): string[] =>
  globSync('src/**/*.ts').flatMap((file) => {
    const room = roomOf(file)
    const allowed = ARROWS[room]
    if (allowed === undefined) return [`${file}: the room ${room} is not in the list`]
    return importsOf(file)
      .filter((path) => path.startsWith('src/'))
      .filter((path) => ![room, 'kernel', ...allowed].includes(roomOf(path)))
      .map((path) => `${file} imports ${path}: ${room} → ${roomOf(path)} is no arrow`)
  })

const cycles = (): string[] => {
  const found: string[] = []
  const visit = (room: string, way: readonly string[]): void => {
    if (way.includes(room)) found.push([...way.slice(way.indexOf(room)), room].join(' → '))
    else for (const next of ARROWS[room] ?? []) visit(next, [...way, room])
  }
  for (const room of Object.keys(ARROWS)) visit(room, [])
  return found
}

const problems = [...wrongArrows(), ...cycles().map((cycle) => `the list has a cycle: ${cycle}`)]
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
