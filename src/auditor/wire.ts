/** A frame of the broker's socket: JSON, and raw sections whose sizes the JSON's `sizes` lists. */
export interface WireFrame {
  readonly header: Readonly<Record<string, unknown>>
  readonly sections: readonly Buffer[]
}

const HEADER_BYTES = 1024 * 1024
const SECTION_BYTES = 4 * 1024 * 1024

/** A frame as bytes: 4-byte length, JSON, sections. */
export const encodeFrame = (header: Readonly<Record<string, unknown>>, sections: readonly Uint8Array[] = []): Buffer => {
  const json = Buffer.from(JSON.stringify({ ...header, sizes: sections.map((section) => section.length) }))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(json.length)
  return Buffer.concat([length, json, ...sections])
}

/** Puts frames together from what the socket gives; throws with a sentence for what is no frame. */
export class FrameDecoder {
  #buffer: Buffer = Buffer.alloc(0)

  push(chunk: Buffer): WireFrame[] {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk])
    const frames: WireFrame[] = []
    for (let frame = this.#take(); frame !== undefined; frame = this.#take()) frames.push(frame)
    return frames
  }

  #take(): WireFrame | undefined {
    if (this.#buffer.length < 4) return undefined
    const length = this.#buffer.readUInt32BE()
    if (length > HEADER_BYTES) throw new Error('a frame header is too long')
    if (this.#buffer.length < 4 + length) return undefined
    const header = parseHeader(this.#buffer.toString('utf8', 4, 4 + length))
    const sizes = sizesOf(header)
    const total = sizes.reduce((sum, size) => sum + size, 4 + length)
    if (this.#buffer.length < total) return undefined
    let at = 4 + length
    const sections = sizes.map((size) => this.#buffer.subarray(at, (at += size)))
    this.#buffer = this.#buffer.subarray(total)
    return { header, sections }
  }
}

const parseHeader = (text: string): Record<string, unknown> => {
  const header: unknown = JSON.parse(text)
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw new Error('a frame header is not an object')
  return { ...header }
}

const sizesOf = (header: Record<string, unknown>): number[] => {
  const sizes: unknown = header['sizes']
  if (!Array.isArray(sizes)) throw new Error('a frame has no sizes')
  return sizes.map((size: unknown) => {
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0 || size > SECTION_BYTES) throw new Error('a frame section has no usable size')
    return size
  })
}
