/** A frame of the broker's socket: JSON, and raw sections whose sizes the JSON's `sizes` lists. */
export interface WireFrame {
  readonly header: Readonly<Record<string, unknown>>
  readonly sections: readonly Buffer[]
}

const HEADER_BYTES = 1024 * 1024
const SECTION_BYTES = 4 * 1024 * 1024
const SECTIONS = 4

/** A frame as bytes: 4-byte length, JSON, sections. */
export const encodeFrame = (header: Readonly<Record<string, unknown>>, sections: readonly Uint8Array[] = []): Buffer => {
  const json = Buffer.from(JSON.stringify({ ...header, sizes: sections.map((section) => section.length) }))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(json.length)
  return Buffer.concat([length, json, ...sections])
}

/** Puts frames together from what the socket gives, however small the pieces; throws with a sentence for what is no frame. */
export class FrameDecoder {
  #pieces: Buffer[] = []
  #size = 0
  /** Bytes without which nothing can be told of the next frame. */
  #wanted = 4

  push(chunk: Buffer): WireFrame[] {
    this.#pieces.push(chunk)
    this.#size += chunk.length
    const frames: WireFrame[] = []
    while (this.#size >= this.#wanted) {
      const frame = this.#take(this.#joined())
      if (frame !== undefined) frames.push(frame)
    }
    return frames
  }

  #joined(): Buffer {
    const [first = Buffer.alloc(0), ...more] = this.#pieces
    const joined = more.length === 0 ? first : Buffer.concat(this.#pieces)
    this.#pieces = [joined]
    return joined
  }

  /** Undefined where more is needed for it, and then knows how much. */
  #take(buffer: Buffer): WireFrame | undefined {
    const length = buffer.readUInt32BE()
    if (length > HEADER_BYTES) throw new Error('a frame header is too long')
    this.#wanted = 4 + length
    if (buffer.length < this.#wanted) return undefined
    const header = parseHeader(buffer.toString('utf8', 4, 4 + length))
    const sizes = sizesOf(header)
    this.#wanted = sizes.reduce((sum, size) => sum + size, 4 + length)
    if (buffer.length < this.#wanted) return undefined
    let at = 4 + length
    const sections = sizes.map((size) => buffer.subarray(at, (at += size)))
    this.#pieces = [buffer.subarray(this.#wanted)]
    this.#size = buffer.length - this.#wanted
    this.#wanted = 4
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
  if (sizes.length > SECTIONS) throw new Error('a frame has too many sections')
  return sizes.map((size: unknown) => {
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0 || size > SECTION_BYTES) throw new Error('a frame section has no usable size')
    return size
  })
}
