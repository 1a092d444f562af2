/** Copies of bytes, most of them a few. */

/** Below it a loop is quicker than a call. */
const LOOP_BYTES_MAX = 96

/** Copies `[from, to)` of the source to `at` of the target, which has the room. */
export function copyBytes(
  source: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
  at: number,
): void {
  if (to - from > LOOP_BYTES_MAX) {
    const whole = from === 0 && to === source.length
    target.set(whole ? source : source.subarray(from, to), at)
  } else for (let i = from, k = at; i < to; i++, k++) target[k] = source[i]!
}
