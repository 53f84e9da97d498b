import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'

const PROFILE = 'src/auditor/plugin/profiles/kscan-baseline'

/** What a script prints that has loaded a library of the profile. */
const ruby = (library: string, script: string, input = ''): string =>
  execFileSync('ruby', ['-EUTF-8', '-r', join(process.cwd(), PROFILE, 'libraries', library), '-e', script], { encoding: 'utf8', input })

describe('files that were found', () => {
  const ONE = '81a4 0 0 12 /etc/a//\n'
  const read = (text: string): string =>
    ruby(
      'found_files.rb',
      'begin; puts FoundFiles.new($stdin.read, places: []).select { true }.map(&:path); rescue ArgumentError => e; puts e.message; end',
      text
    )

  test.each([
    ['some', `${ONE}81a4 0 0 12 /etc/b//\n//end\n`, '/etc/a\n/etc/b\n'],
    ['none', '//end\n', ''],
    ['one that looks like the end', '81a4 0 0 12 /a\n/end//\n//end\n', '/a\n/end\n'],
    ['an answer that is cut between two files', ONE, 'the answer did not end\n'],
    ['an answer that is cut in the end', `${ONE}//en`, 'the answer did not end\n'],
    ['no answer', '', 'the answer did not end\n']
  ])('are %s', (_what, text, said) => expect(read(text)).toBe(said))
})

describe('the processes of the container', () => {
  const status = (pid: number, cgroup: string): string =>
    [`Name:\tp${pid}`, 'State:\tS (sleeping)', 'Uid:\t0\t0\t0\t0', `NSsid:\t${pid}`, 'CapBnd:\t0', cgroup].join('\n')
  const stat = (pid: number): string => `\n=stat ${pid} (p) S${' 0'.repeat(18)} 77 0\n=arguments p`
  const own = (mine: string, others: readonly string[]): string[] => {
    const told = others.map((cgroup, index) => `\n=process ${index + 10}\n${status(index + 10, cgroup)}${stat(index + 10)}`)
    const text = `${told.join('')}\n=self\n${status(5, mine)}\n=uptime 100.0 1.0\n`
    return ruby('processes.rb', 'puts Processes.new($stdin.read).own.map(&:pid)', text)
      .split('\n')
      .filter((line) => line !== '')
  }

  test.each([
    ['at the root of a namespace', '0::/', ['0::/', '0::/jobs', '0::/jobs/deep', '0::/..', '0::/../other', '0::/..jobs'], ['10', '11', '12', '15']],
    ['of a whole path', '0::/pods/a', ['0::/pods/a', '0::/pods/a/work', '0::/pods/ab', '0::/pods', '0::/pods/b/a'], ['10', '11']],
    ['of several hierarchies', '2:cpu:/a\n1:memory:/a', ['2:cpu:/a/x\n1:memory:/a', '2:cpu:/b\n1:memory:/a', '2:cpu:/a'], ['10']]
  ])('are those of its control group and below: %s', (_what, mine, others, pids) => expect(own(mine, others)).toEqual(pids))
})

test('a finding is told as a sentence', () => {
  const script = `
    Spoken = Struct.new(:text) { def description(&block) = block ? @description = instance_exec(&block) : @description
      def match(&block) = @match = block
      def failure_message(&block) = @message = block
      def tell(container) = puts(description, instance_exec(container, &@match), @message.call(container)) }
    module RSpec; module Matchers; def self.define(_name, &block) = $matcher = block; end; end
    require '${join(process.cwd(), PROFILE, 'libraries', 'have_no.rb')}'
    Container = Struct.new(:other_roots)
    spoken = Spoken.new
    spoken.instance_exec(:other_roots, &$matcher)
    spoken.tell(Container.new(%w[toor admin]))`
  expect(ruby('accounts.rb', script)).toBe('have no other accounts with the id 0\nfalse\nThe container has other accounts with the id 0: toor, admin\n')
})

test('each check has a name of its own, and each name a check', () => {
  const checked = globSync(`${PROFILE}/controls/*.rb`).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/should have_no :(\w+)/g)].map(([, name = '']) => name)
  )
  const named = [...readFileSync(`${PROFILE}/libraries/have_no.rb`, 'utf8').matchAll(/^    (\w+): '/gm)].map(([, name = '']) => name)
  expect([checked.length, named.toSorted()]).toEqual([46, checked.toSorted()])
})
