// A release on GitHub: a draft with all files, each compared with its digest, then published, which locks it and its tag. The moving tag comes last.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { compareVersions } from '../../src/kernel/version.ts'
import { assetsOf, notesAt } from './files.ts'
import type { GitHub } from './github.ts'
import { sha256Of } from './names.ts'

const Asset = z.looseObject({ name: z.string(), digest: z.string().nullish() })
const Release = z.looseObject({ id: z.int(), tag_name: z.string(), draft: z.boolean(), upload_url: z.string(), immutable: z.boolean().optional() })
const Ref = z.looseObject({ ref: z.string(), object: z.looseObject({ type: z.string(), sha: z.string() }) })
const Nothing = z.unknown()

export interface Publication {
  readonly version: string
  /** The commit of the tag. */
  readonly commit: string
  readonly out: string
  readonly say: (text: string) => void
  /** Milliseconds between two looks at whether a release is locked. */
  readonly pause?: number
}

export const publish = async (github: GitHub, { version, commit, out, say, pause = 2000 }: Publication): Promise<void> => {
  const tag = `v${version}`
  await demandTag(github, tag, commit)
  const others = await otherVersions(github, tag)
  await makeRoom(github, tag, say)
  const draft = await make(github, {
    method: 'POST',
    path: '/releases',
    body: { tag_name: tag, name: tag, body: readFileSync(notesAt(out), 'utf8'), draft: true }
  })
  say(`draft of ${tag}`)
  await upload(github, draft, assetsOf(out), say)
  const newest = others.every((other) => compareVersions(other, version) < 0)
  await make(github, { method: 'PATCH', path: `/releases/${draft.id}`, body: { draft: false, make_latest: String(newest) } })
  say(`published ${tag}`)
  await demandImmutable(github, { id: draft.id, tag, pause })
  await move(github, { version, commit, others, say })
}

const make = async (github: GitHub, request: Parameters<GitHub['ask']>[1]): Promise<z.infer<typeof Release>> => {
  const release = await github.ask(Release, request)
  if (release === undefined) throw new Error(`${request.path}: GitHub says that there is no such place. May the token write contents?`)
  return release
}

/** A tag with a note is an object of its own. */
const commitOf = async (github: GitHub, tag: string): Promise<string | undefined> => {
  const ref = await github.ask(Ref, { path: `/git/ref/tags/${tag}` })
  if (ref?.object.type !== 'tag') return ref?.object.sha
  return (await github.ask(z.looseObject({ object: z.looseObject({ sha: z.string() }) }), { path: `/git/tags/${ref.object.sha}` }))?.object.sha
}

const demandTag = async (github: GitHub, tag: string, commit: string): Promise<void> => {
  const got = await commitOf(github, tag)
  if (got !== commit) throw new Error(`${tag}: expected the commit ${commit}, got ${got ?? 'no such tag'}. Somebody has moved it: find out who.`)
}

const otherVersions = async (github: GitHub, tag: string): Promise<string[]> => {
  const refs = (await github.ask(z.array(Ref), { path: '/git/matching-refs/tags/v' })) ?? []
  return refs
    .map(({ ref }) => ref.replace('refs/tags/', ''))
    .filter((name) => /^v\d+\.\d+\.\d+$/.test(name) && name !== tag)
    .map((name) => name.slice(1))
}

const PAGE = 100

/** Removes the draft of a run that failed. What is published stays as it is. */
const makeRoom = async (github: GitHub, tag: string, say: (text: string) => void): Promise<void> => {
  const releases = (await github.ask(z.array(Release), { path: `/releases?per_page=${PAGE}` })) ?? []
  for (const release of releases.filter(({ tag_name }) => tag_name === tag)) {
    if (!release.draft) throw new Error(`${tag} is published: expected a version that is not. A release is never changed: count the version up.`)
    await github.ask(Nothing, { method: 'DELETE', path: `/releases/${release.id}` })
    say(`removed the draft of an earlier run`)
  }
}

/** Every file, and no other. */
const upload = async (github: GitHub, draft: z.infer<typeof Release>, folder: string, say: (text: string) => void): Promise<void> => {
  const files = readdirSync(folder).toSorted()
  const address = draft.upload_url.replace(/\{.*$/, '')
  for (const file of files) {
    await github.ask(Asset, { method: 'POST', path: `${address}?name=${encodeURIComponent(file)}`, body: readFileSync(join(folder, file)) })
    say(`uploaded ${file}`)
  }
  const got = new Map(
    ((await github.ask(z.array(Asset), { path: `/releases/${draft.id}/assets?per_page=${PAGE}` })) ?? []).map(({ name, digest }) => [name, digest])
  )
  const wrong = [...new Set([...files, ...got.keys()])].filter((file) => !files.includes(file) || got.get(file) !== digestAt(join(folder, file)))
  if (wrong.length > 0) throw new Error(`The draft does not hold what was uploaded, and is not published: ${wrong.join(', ')}`)
}

const digestAt = (file: string): string => `sha256:${sha256Of(readFileSync(file))}`

const LOOKS = 5

const demandImmutable = async (github: GitHub, { id, tag, pause }: { readonly id: number; readonly tag: string; readonly pause: number }): Promise<void> => {
  for (let look = 0; look < LOOKS; look += 1) {
    if (look > 0) await sleep(pause)
    const release = await github.ask(Release, { path: `/releases/${id}` })
    if (release?.immutable === true) return
  }
  throw new Error(
    `${tag} is published, and can be changed: expected an immutable release. Switch on "Release immutability" in the settings of the repository, and count the version up.`
  )
}

interface Move extends Omit<Publication, 'out' | 'pause'> {
  readonly others: readonly string[]
}

/** `v1` is the newest 1.N.N: an older line's release leaves it where it is. */
const move = async (github: GitHub, { version, commit, others, say }: Move): Promise<void> => {
  const moving = `v${version.split('.')[0] ?? ''}`
  const newer = others.filter((other) => other.startsWith(`${moving.slice(1)}.`) && compareVersions(other, version) > 0)
  if (newer.length > 0) return say(`${moving} stays where it is: ${newer.join(', ')} is newer`)
  const body = { sha: commit, force: true }
  const moved = await github.ask(Ref, { method: 'PATCH', path: `/git/refs/tags/${moving}`, body }).catch(async (error: unknown) => {
    if ((await commitOf(github, moving)) !== undefined) throw error
    return undefined // GitHub answers 422, not 404, for one that is not there
  })
  if (moved === undefined) await github.ask(Ref, { method: 'POST', path: '/git/refs', body: { ref: `refs/tags/${moving}`, sha: commit } })
  const got = await commitOf(github, moving)
  if (got !== commit) throw new Error(`${moving}: expected the commit ${commit}, got ${got ?? 'no such tag'}`)
  say(`moved ${moving} to ${commit}`)
}
