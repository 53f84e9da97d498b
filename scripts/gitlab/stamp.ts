import { readFileSync } from 'node:fs'
import { z } from 'zod'

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const Released = z.strictObject({ url: z.url({ protocol: /^https$/ }), sha256: Sha256 })
const Unreleased = z.strictObject({ url: z.literal(''), sha256: z.literal('') })

/** What a release fills in: where its job image and its bundle are. Until then the image is a tag, and there is no bundle. */
const Stamp = z.strictObject({
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  image: z.string().regex(/^[^\s@]+:[^\s@:]+(@sha256:[0-9a-f]{64})?$/),
  bundle: z.union([Released, Unreleased])
})
export type Stamp = z.infer<typeof Stamp>

export const readStamp = (file = 'scripts/gitlab/stamp.json'): Stamp => Stamp.parse(JSON.parse(readFileSync(file, 'utf8')))

/** Whether everything that the component fetches is pinned by its digest. */
export const isPinned = ({ image, bundle }: Stamp): boolean => image.includes('@sha256:') && bundle.sha256 !== ''
