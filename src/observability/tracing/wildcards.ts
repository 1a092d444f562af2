// hot path — see STYLE §8
/** `*` (any text) and `?` (one character) in sampling rules; never slower than text times pattern. */

const STAR = 0x2a
const QUESTION = 0x3f

/** Whether the whole text fits. Without `exactCase`, ASCII letters fit in either case. */
export function matchesWildcards(pattern: string, text: string, exactCase: boolean): boolean {
  let p = 0
  let t = 0
  let starAt = -1
  let resumeAt = 0
  while (t < text.length) {
    const wanted = p < pattern.length ? pattern.charCodeAt(p) : -1
    if (wanted === STAR) {
      starAt = p++
      resumeAt = t
    } else if (wanted === QUESTION || isSame(wanted, text.charCodeAt(t), exactCase)) {
      p++
      t++
    } else if (starAt !== -1) {
      // The last star takes one more; earlier ones never need to.
      p = starAt + 1
      t = ++resumeAt
    } else return false
  }
  while (p < pattern.length && pattern.charCodeAt(p) === STAR) p++
  return p === pattern.length
}

function isSame(a: number, b: number, exactCase: boolean): boolean {
  return a === b || (!exactCase && lower(a) === lower(b))
}

function lower(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code
}
