/** Bytes that come in pieces: what is kept costs what they are, however small the pieces and however many. */
export class GrowingBuffer {
  #buffer = Buffer.alloc(0)
  #length = 0

  get length(): number {
    return this.#length
  }

  append(piece: Uint8Array): void {
    const length = this.#length + piece.length
    if (length > this.#buffer.length) this.#buffer = Buffer.concat([this.#buffer], Math.max(2 * this.#buffer.length, length))
    this.#buffer.set(piece, this.#length)
    this.#length = length
  }

  /** Where these bytes begin, at `from` or later; -1: nowhere. */
  indexOf(bytes: Uint8Array, from: number): number {
    const at = this.#buffer.subarray(from, this.#length).indexOf(bytes)
    return at < 0 ? -1 : from + at
  }

  /** All of them; then it is empty. */
  take(): Buffer {
    const bytes = this.#buffer.subarray(0, this.#length)
    this.#buffer = Buffer.alloc(0)
    this.#length = 0
    return bytes
  }
}
