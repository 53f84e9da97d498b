import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

interface Asset {
  readonly name: string
  readonly size: number
  readonly digest: string
}
interface Release {
  readonly id: number
  tag_name: string
  draft: boolean
  immutable: boolean
  make_latest?: string
  body: string
  assets: Asset[]
}

export interface Faults {
  /** `METHOD PATH` of a request that ends with 500. */
  readonly fails?: RegExp
  /** Keeps other bytes than it was given. */
  readonly spoils?: string
  readonly mutable?: boolean
}

/** GitHub's releases and refs, as far as a release uses them. What it does not know answers 501. */
export class GitHubServer {
  readonly releases: Release[] = []
  readonly refs = new Map<string, string>()
  readonly notes = new Map<string, string>()
  readonly asked: string[] = []
  faults: Faults = {}
  private readonly server: Server = createServer((request, response) => void this.answer(request, response))

  async start(): Promise<void> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done))
  }
  stop(): void {
    this.server.closeAllConnections()
    this.server.close()
  }
  get api(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request)
    const url = new URL(request.url ?? '', this.api)
    const asked = `${request.method} ${url.pathname.replace('/repos/org/kscan-action', '')}`
    this.asked.push(asked)
    const give = (status: number, value?: unknown): void => void response.writeHead(status).end(value === undefined ? '' : JSON.stringify(value))
    if (request.headers.authorization !== 'Bearer the-token') return give(401, { message: 'Bad credentials' })
    if (this.faults.fails?.test(asked) === true) return give(500, { message: 'Server Error' })
    const json = (): Record<string, never> => JSON.parse(body.toString()) as Record<string, never>
    const [, verb = '', id = '', name = ''] = /^(\w+ \/(?:uploads\/)?(?:releases|git\/\w[\w-]*))\/?(\d+(?=\/|$))?\/?(.*)$/.exec(asked) ?? []
    const release = this.releases.find((each) => String(each.id) === id)
    switch (verb) {
      case 'GET /releases':
        if (id === '')
          return give(
            200,
            this.releases.map((each) => this.shown(each))
          )
        return release === undefined ? give(404) : give(200, name.startsWith('assets') ? release.assets : this.shown(release))
      case 'POST /releases':
        return give(201, this.shown(this.make(json())))
      case 'POST /uploads/releases':
        return release?.draft === true ? give(201, this.keep(release, url.searchParams.get('name') ?? '', body)) : give(422, { message: 'immutable' })
      case 'DELETE /releases':
        if (release?.draft !== true) return give(422)
        this.releases.splice(this.releases.indexOf(release), 1)
        return give(204)
      case 'PATCH /releases':
        if (release === undefined) return give(404)
        Object.assign(release, json(), { immutable: this.faults.mutable !== true })
        return give(200, this.shown(release))
      default:
        return this.ofGit(verb, asked.slice(verb.length + 1), { give, json })
    }
  }

  private ofGit(verb: string, name: string, { give, json }: { give: (status: number, value?: unknown) => void; json: () => Record<string, string> }): void {
    const shown = (ref: string): object => {
      const sha = this.refs.get(ref) ?? ''
      return { ref: `refs/${ref}`, object: { type: this.notes.has(sha) ? 'tag' : 'commit', sha } }
    }
    if (verb === 'GET /git/matching-refs') return give(200, [...this.refs.keys()].filter((ref) => ref.startsWith(name)).map(shown))
    if (verb === 'GET /git/ref') return this.refs.has(name) ? give(200, shown(name)) : give(404)
    if (verb === 'GET /git/tags') return this.notes.has(name) ? give(200, { object: { sha: this.notes.get(name) } }) : give(404)
    if (verb === 'PATCH /git/refs') {
      if (!this.refs.has(name)) return give(422, { message: 'Reference does not exist' })
      this.refs.set(name, json()['sha'] ?? '')
      return give(200, shown(name))
    }
    if (verb !== 'POST /git/refs') return give(501)
    const { ref = '', sha = '' } = json()
    this.refs.set(ref.replace('refs/', ''), sha)
    give(201, shown(ref.replace('refs/', '')))
  }

  private make({ tag_name, body, draft }: Partial<Release>): Release {
    const made = { id: this.releases.length + 1, tag_name: tag_name ?? '', draft: draft === true, immutable: false, body: body ?? '', assets: [] }
    this.releases.push(made)
    return made
  }

  private shown(release: Release): object {
    return { ...release, upload_url: `${this.api}/repos/org/kscan-action/uploads/releases/${release.id}/assets{?name,label}` }
  }

  private keep(release: Release, name: string, body: Buffer): Asset {
    const bytes = name === this.faults.spoils ? body.subarray(1) : body
    const asset = { name, size: bytes.length, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` }
    release.assets.push(asset)
    return asset
  }
}
