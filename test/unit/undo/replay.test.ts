import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { type Journal, startJournal } from '../../../src/undo/journal.ts'
import { readJournal } from '../../../src/undo/read-journal.ts'
import { type Removers, replay } from '../../../src/undo/replay.ts'

const ROLE = { kind: 'object', type: 'role', namespace: 'shop', name: 'kscan-abcdefghij' } as const
const SHELL = { kind: 'shell', namespace: 'shop', pod: 'web', podUid: 'u', container: 'main', containerId: 'containerd://c', pid: 7, start: '1' } as const
const HELPER = { kind: 'helper', namespace: 'shop', pod: 'web', podUid: 'u', container: 'kscan-abcdefghij-main-0' } as const
const FOLDER = { kind: 'folder', path: '/tmp/kscan-abcdefghij' } as const

const journalOf = (): Journal => {
  const journal = startJournal(mkdtempSync(join(tmpdir(), 'kscan-replay-')), 'abcdefghij')
  const role = journal.make(ROLE)
  for (const entry of [SHELL, HELPER, FOLDER]) journal.make(entry)
  journal.made(role, 'u-1')
  return journal
}

/** Each remover tells of its call; `answers` by kind: true when not given. */
const removing = (answers: Partial<Record<keyof Removers, boolean | Error>> = {}): { calls: string[]; removers: Removers } => {
  const calls: string[] = []
  const remover =
    (kind: keyof Removers) =>
    (_entry: unknown, uid?: string): Promise<boolean> => {
      calls.push(uid === undefined ? kind : `${kind} ${uid}`)
      const answer = answers[kind] ?? true
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    }
  return {
    calls,
    removers: {
      object: remover('object'),
      shell: remover('shell'),
      helper: remover('helper'),
      folder: remover('folder'),
      link: remover('link'),
      kindCluster: remover('kindCluster'),
      kindNetwork: remover('kindNetwork')
    }
  }
}

test('all that remains is removed, the newest first, by its uid where that is known, and the journal goes', async () => {
  const { file } = journalOf()
  const { calls, removers } = removing()
  expect(await replay(readJournal(file), removers)).toEqual({
    removed: [
      'private folder /tmp/kscan-abcdefghij',
      'the process of the helper shop/web/kscan-abcdefghij-main-0',
      'shell 7 in shop/web/main',
      'role shop/kscan-abcdefghij'
    ],
    absent: [],
    leftovers: []
  })
  expect([calls, existsSync(file)]).toEqual([['folder', 'helper', 'shell', 'object u-1'], false])
})

test('what was not there is done, and not called removed', async () => {
  const { file } = journalOf()
  const { removers } = removing({ object: false, helper: false, shell: false, folder: false })
  const { removed, absent, leftovers } = await replay(readJournal(file), removers)
  expect([removed, absent.length, leftovers, existsSync(file)]).toEqual([[], 4, [], false])
})

test('what fails is left over with its reason, hides no other, and stays in the journal', async () => {
  const { file } = journalOf()
  const { calls, removers } = removing({ folder: new Error('busy'), object: new Error('403') })
  const { removed, leftovers } = await replay(readJournal(file), removers)
  expect([calls.length, removed.length]).toEqual([4, 2])
  expect(leftovers).toEqual([
    { what: 'private folder /tmp/kscan-abcdefghij', why: 'busy' },
    { what: 'role shop/kscan-abcdefghij', why: '403' }
  ])
  expect(readJournal(file).remaining.map(({ entry }) => entry)).toEqual([FOLDER, ROLE])
})
