import { execFileSync } from 'node:child_process'
import { afterAll, expect, test } from '@jest/globals'
import { COMPLETIONS, offered, ShellFolder } from '../support/completions.ts'

const folder = new ShellFolder()
afterAll(() => folder.remove())

const script = folder.script('fish')
const complete = (line: string): string[] =>
  execFileSync('fish', ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', script, line], {
    cwd: folder.path,
    encoding: 'utf8',
    env: { ...process.env, HOME: folder.path }
  }).split('\n')

test.each(COMPLETIONS)('%j offers %j', (line, words) => expect(offered(complete(line))).toEqual([...words].toSorted()))
