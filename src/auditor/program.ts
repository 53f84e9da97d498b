import type { Fetching } from '../kernel/fetching.ts'
import type { Log } from '../kernel/log.ts'
import type { Ended, Job } from '../process/run.ts'
import type { Journal } from '../undo/journal.ts'
import type { Prefix } from './cinc/prefix.ts'

/** An auditor that is ready to run. */
export interface AuditorProgram {
  /** `path`: found on PATH; `cinc`: CINC's package; `gems`: installed by us; `given`: the user named the file. */
  readonly source: 'path' | 'cinc' | 'gems' | 'given'
  readonly product: string
  readonly version: string
  /** What `exec PROFILE …` is appended to. */
  readonly command: { readonly file: string; readonly args: readonly string[] }
  /** Where what was installed by us lies. */
  readonly folder?: string
  /** How the files of CINC's package come to where they belong. */
  readonly prefix?: Prefix
  /** To be added to the environment of `command`: makes it faster, changes no answer. */
  readonly env: Readonly<Record<string, string>>
}

/** One entry of the input `auditor`. */
export type AuditorSource = 'path' | 'cinc' | 'gems' | { readonly path: string }

export interface AuditorOptions {
  /** Tried in this order; the first usable one is taken. */
  readonly order: readonly AuditorSource[]
  /** `7` or `7.2.1`: only such a version is taken. */
  readonly version?: string | undefined
  /** A folder that lasts between runs. */
  readonly toolFolder: string
  /** The folder of auditor.rb and gems.rb. */
  readonly pluginFolder: string
  /** The allow-listed environment: PATH, HOME, proxies, gem configuration. */
  readonly env: Readonly<Record<string, string>>
  readonly log: Log
  readonly signal: AbortSignal
  readonly fetching: Fetching
  /** A folder of files of gems that are there already: nothing is fetched for `gems`. */
  readonly gems?: string | undefined
  /** What a run has for what it unpacks; undefined where nothing is installed. */
  readonly room?: AuditorRoom
}

export interface AuditorRoom {
  /** The run's private folder; a real path. */
  readonly folder: string
  readonly journal: Pick<Journal, 'make' | 'gone'>
  /** Takes on what is to be undone before the folder goes. */
  readonly undo: (what: string, step: () => Promise<void>) => void
}

export interface AuditorPorts {
  readonly run: (job: Job) => Promise<Ended>
}

/** Either an auditor, or why there is none: one line each, for the error that names all that was tried. */
export type Candidate = { readonly kind: 'usable'; readonly program: AuditorProgram } | { readonly kind: 'unusable'; readonly reasons: readonly string[] }

export const unusable = (...reasons: string[]): Candidate => ({ kind: 'unusable', reasons })

/** The first major version of Chef's own builds, packages and gems alike, that is under the Chef EULA. */
export const EULA_MAJOR = 6

/**
 * Ruby flags: what the first two turn off only words error messages, and took a sixth of an audit on the LoadErrors that InSpec expects. Profiles are UTF-8, also
 * where the system has no such locale, as in small images.
 */
export const RUBY_FLAGS = ['--disable-did_you_mean', '--disable-error_highlight', '-EUTF-8'] as const

/**
 * A bigger first heap and rarer garbage collections: 18 % less time for a profile of 183 controls (1.70 s → 1.39 s on Ruby 3.1), for 60 MB more memory.
 * From Ruby 3.3 on the first heap is set by size class.
 */
export const RUBY_HEAP: Readonly<Record<string, string>> = {
  RUBY_GC_HEAP_INIT_SLOTS: '600000',
  RUBY_GC_HEAP_0_INIT_SLOTS: '400000',
  RUBY_GC_HEAP_1_INIT_SLOTS: '100000',
  RUBY_GC_HEAP_2_INIT_SLOTS: '50000',
  RUBY_GC_MALLOC_LIMIT: '64000000',
  RUBY_GC_MALLOC_LIMIT_MAX: '256000000',
  RUBY_GC_OLDMALLOC_LIMIT: '128000000',
  RUBY_GC_OLDMALLOC_LIMIT_MAX: '512000000'
}

/** Whether `version` is what was asked for: the same, or a prefix that ends at a dot; without a wish any is. */
export const isWanted = (version: string, wanted: string | undefined): boolean => wanted === undefined || version === wanted || version.startsWith(`${wanted}.`)

/** The first number of a version. */
export const majorOf = (version: string): number => Number.parseInt(version, 10)
