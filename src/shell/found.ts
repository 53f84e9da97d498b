import type { SyntaxNode } from 'unbash'
import type { Feature } from './features.ts'
import type { Path } from './paths.ts'
import type { Variable } from './variables.ts'

/** What a command rests on, read from its text; the shell language is bash's, of which sh's is a part. */
export interface Needs {
  /** Programs as written, by name or by path, each of which it needs. */
  readonly programs: readonly string[]
  /** Programs of which it needs one. */
  readonly alternatives: readonly (readonly string[])[]
  /** Absolute paths whose content or listing it reads. */
  readonly reads: readonly Path[]
  /** Absolute paths of which it says whether they are there. */
  readonly looks: readonly Path[]
  /** What its shell must understand. */
  readonly features: readonly Feature[]
  /** Package tools that it starts. */
  readonly databases: readonly Database[]
  /** It starts programs whose names only the run knows. */
  readonly unknown: boolean
  /** Shells and other programs that start such ones. */
  readonly startsUnknown: readonly string[]
  /** Its status and output do not tell what all of its programs came to: a pipe, or a command in `$( )`. */
  readonly hides: boolean
  /** Programs of which it asks whether they are there. */
  readonly asked: readonly string[]
  /** It asks by `command -v` or the like, whose no is exit 127 in many shells. */
  readonly questions: boolean
  /** Why not all of it could be read. */
  readonly unclear: string | undefined
}

/** The database of a package tool. */
export interface Database {
  readonly program: string
  /** Files of which it needs one. */
  readonly files: readonly string[]
  /** It is started somewhere without another program that would answer in its place. */
  readonly alone: boolean
}

/** What was found of it so far. */
export interface Found {
  /** How many times each is started. */
  readonly programs: Map<string, number>
  /** Programs that are started by others, for which our shell's functions are none. */
  readonly started: Set<string>
  readonly alternatives: string[][]
  readonly reads: Map<string, Path>
  readonly looks: Map<string, Path>
  readonly features: Set<Feature>
  readonly databases: Map<string, { readonly files: readonly string[]; uses: number }>
  readonly asked: Set<string>
  readonly functions: Map<string, SyntaxNode>
  readonly variables: Map<string, Variable>
  unknown: boolean
  readonly startsUnknown: Set<string>
  hides: boolean
  questions: boolean
  unclear: string | undefined
}

/** Before anything was read. */
export const nothingFound = (): Found => ({
  programs: new Map(),
  started: new Set(),
  alternatives: [],
  reads: new Map(),
  looks: new Map(),
  features: new Set(),
  databases: new Map(),
  asked: new Set(),
  functions: new Map(),
  variables: new Map(),
  unknown: false,
  startsUnknown: new Set(),
  hides: false,
  questions: false,
  unclear: undefined
})

/** What all of it comes to. */
export const foundNeeds = (found: Found): Needs => {
  const alternatives = found.alternatives.filter((group) => !group.some((program) => found.functions.has(program)))
  const isAlone = (program: string, uses: number): boolean => uses > alternatives.filter((group) => group.includes(program)).length
  const needed = ([program, uses]: readonly [string, number]): boolean =>
    found.started.has(program) || (!found.functions.has(program) && isAlone(program, uses))
  return {
    programs: [...found.programs].filter(needed).map(([program]) => program),
    alternatives: [...new Map(alternatives.map((group) => [group.join('\n'), group])).values()],
    reads: [...found.reads.values()],
    looks: [...found.looks.values()],
    features: [...found.features],
    databases: [...found.databases].map(([program, { files, uses }]) => ({ program, files, alone: isAlone(program, uses) })),
    unknown: found.unknown,
    startsUnknown: [...found.startsUnknown],
    hides: found.hides,
    asked: [...found.asked],
    questions: found.questions,
    unclear: found.unclear
  }
}
