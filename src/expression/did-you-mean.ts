/**
 * Suggestions for misspelt names, for messages to authors. Runs when something is compiled, never per request.
 */

const NAME_CHARACTERS_MAX = 80

/** The candidate that `name` was most likely meant to be; undefined when none is near enough to be worth saying. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.slice(0, NAME_CHARACTERS_MAX).toLowerCase()
  let nearest: string | undefined
  // A word that shares no letter with the candidate is no slip of the finger, however short it is.
  let nearestDistance = Math.min(wanted.length, Math.max(2, Math.floor(wanted.length / 3)) + 1)
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase())
    if (distance < nearestDistance) {
      nearest = candidate
      nearestDistance = distance
    }
  }
  return nearest
}

/** Insertions, deletions and replacements between two words (Levenshtein), in one row of memory. */
function editDistance(left: string, right: string): number {
  const row = Array.from({ length: right.length + 1 }, (_, i) => i)
  for (let i = 1; i <= left.length; i++) {
    let diagonal = row[0]!
    row[0] = i
    for (let j = 1; j <= right.length; j++) {
      const above = row[j]!
      const replaced = diagonal + (left[i - 1] === right[j - 1] ? 0 : 1)
      row[j] = Math.min(above + 1, row[j - 1]! + 1, replaced)
      diagonal = above
    }
  }
  return row[right.length]!
}
