// hot path — see STYLE §8
/** A place in a field block (RFC 7541 §5), for those who read one: whole strings or views, each as it needs them. */

const NOTHING = Buffer.alloc(0)

export class BlockCursor {
  protected block: Buffer = NOTHING
  protected at = 0
  protected end = 0

  /** An integer whose first byte has the bits of `mask` (§5.1); -1 when it does not end or is absurd. */
  protected number(mask: number): number {
    const { block } = this
    let value = block[this.at++]! & mask
    if (value < mask) return value
    for (let shift = 0; shift <= 21; shift += 7) {
      if (this.at >= this.end) return -1
      const byte = block[this.at++]!
      value += (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    return -1
  }
}
