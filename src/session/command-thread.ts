import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { foundNeeds, type Needs, nothingFound } from '../shell/found.ts'
import { needsOf } from '../shell/needs.ts'
import type { Path } from '../shell/paths.ts'

/** By what a thread knows that it was started to read commands: the bundle has all code in one file. */
export const READS_COMMANDS = 'kscan reads commands'

/** The number of its first message: all code is there. */
export const READY = 0

/** More than a person writes names into one command. */
const MOST_CHARACTERS = 64 * 1024
/** Linux's limit, and more folders than anybody looks for by a pattern. */
const LONGEST_PATH = 4096
const PARTS = 64

/** A command of which nothing can be told, and why. */
export const unclear = (why: string): Needs => foundNeeds({ ...nothingFound(), unclear: why })

const read = (command: string): Needs => {
  const needs = needsOf(command)
  if (JSON.stringify(needs).length > MOST_CHARACTERS) return unclear('it names too much')
  return [...needs.reads, ...needs.looks].some(isEndless) ? unclear('it names what no file can be named') : needs
}

const isEndless = ({ text, glob }: Path): boolean => text.length > LONGEST_PATH || (glob && text.split('/').length > PARTS)

if (!isMainThread && workerData === READS_COMMANDS && parentPort !== null) {
  const port = parentPort
  port.on('message', ([id, command]: [number, string]) => port.postMessage([id, read(command)]))
  port.postMessage([READY, undefined])
}
