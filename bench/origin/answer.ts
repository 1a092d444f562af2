/** What the origin answers, known to whoever checks an answer. */

/** The body of any path but `/large/…`: exactly 100 bytes. */
export const ORIGIN_JSON = JSON.stringify({ id: 7, name: 'Ada', kind: 'cat', note: 'x'.repeat(56) })

/** `/large/10m`, and the size of an upload: what AWS allows at most. */
export const LARGE_BYTES = 10 * 1024 * 1024

/** `/large/1g`. */
export const HUGE_BYTES = 1024 * 1024 * 1024
