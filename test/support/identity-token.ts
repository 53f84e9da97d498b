import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto'

const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** The keys of the issuer, as its jwks_uri has them. */
export const KEYS = { keys: [{ ...KEY.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }] }

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** An identity token with these claims: valid for five minutes, as GitHub's are, unless they say otherwise. */
export const identityToken = (claims: object): string => {
  const now = Math.floor(Date.now() / 1000)
  const signed = `${base64({ alg: 'RS256', kid: 'one', typ: 'JWT' })}.${base64({ jti: randomUUID(), iat: now, nbf: now, exp: now + 300, ...claims })}`
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(KEY.privateKey, 'base64url')}`
}
