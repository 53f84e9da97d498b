import { z } from 'zod'
import { printableLine } from './name.ts'

const Claims = z.looseObject({ exp: z.number(), iat: z.number().optional() })

/** What a JSON Web Token (RFC 7519) says of itself; times in seconds since 1970. */
export type Claims = z.infer<typeof Claims>

/** The claims of a token of our own; undefined for what is none, or never ends. Nothing is verified: that is for the one who gets it. */
export const claimsOf = (token: string): Claims | undefined => {
  try {
    return Claims.parse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')))
  } catch {
    return undefined
  }
}

/** Those by which GitHub's and GitLab's tokens are told apart. */
const SHOWN = ['iss', 'aud', 'sub', 'repository_id', 'project_id', 'ref', 'environment', 'event_name', 'pipeline_source'] as const

/** In one line, for people: `iss https://…, aud kscan, …, ends 2026-11-30T10:00:00Z`. `now` in milliseconds since 1970. */
export const showClaims = (claims: Claims, now: number): string => {
  const shown = SHOWN.flatMap((name) => (claims[name] === undefined ? [] : [`${name} ${printableLine(textOf(claims[name]), 200)}`]))
  return [...shown, showEnd(claims.exp * 1000, now)].join(', ')
}

const textOf = (claim: unknown): string => (typeof claim === 'string' ? claim : JSON.stringify(claim))

const showEnd = (end: number, now: number): string => {
  const date = new Date(end)
  const at = Number.isNaN(date.getTime()) ? 'at no date' : date.toISOString().replace(/\.\d+/, '')
  return end > now ? `ends ${at}` : `ended ${at}, ${Math.round((now - end) / 1000)} s ago`
}
