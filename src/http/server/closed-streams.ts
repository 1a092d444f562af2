/**
 * Streams that we have ended while the client could still send on them (RFC 9113 §5.1): what was under way is ignored,
 * while the same frame on a stream that the client has ended itself is an error.
 *
 * The last of them are known by their number. Below those that have been forgotten, the benefit of the doubt.
 */

const REMEMBERED_MAX = 512

export class ClosedStreams {
  readonly #ids = new Set<number>()
  #forgottenUpTo = 0

  add(id: number): void {
    this.#ids.add(id)
    if (this.#ids.size <= REMEMBERED_MAX) return
    const oldest: number = this.#ids.values().next().value!
    this.#ids.delete(oldest)
    this.#forgottenUpTo = Math.max(this.#forgottenUpTo, oldest)
  }

  /** Frames of the stream may still be under way. */
  mayBeUnderWay(id: number): boolean {
    return id <= this.#forgottenUpTo || this.#ids.has(id)
  }
}
