import { z } from 'zod'

/** The few requests to GitHub's API that a release makes. */
export interface GitHub {
  /** Undefined for 404. Throws for any other answer but a good one. */
  readonly ask: <T>(shape: z.ZodType<T>, request: Request) => Promise<T | undefined>
  readonly repository: string
}

interface Request {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below the repository; or a whole address that GitHub has given. */
  readonly path: string
  readonly body?: object | Buffer
}

interface Access {
  readonly api: string
  readonly repository: string
  readonly token: string
}

const ANSWER_MS = 120_000

export const gitHub = ({ api, repository, token }: Access): GitHub => ({
  repository,
  ask: async (shape, { method = 'GET', path, body }) => {
    const url = path.startsWith('https:') || path.startsWith('http:') ? path : `${api}/repos/${repository}${path}`
    const type = Buffer.isBuffer(body) ? 'application/octet-stream' : 'application/json'
    const answer = await fetch(url, {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'x-github-api-version': '2022-11-28',
        ...(body === undefined ? {} : { 'content-type': type })
      },
      ...(body === undefined ? {} : { body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body) })
    })
    const text = await answer.text()
    if (answer.status === 404) return undefined
    if (!answer.ok) throw new Error(`${method} ${new URL(url).pathname}: GitHub answered ${answer.status}: ${text.slice(0, 300)}`)
    return shape.parse(text === '' ? undefined : JSON.parse(text))
  }
})
