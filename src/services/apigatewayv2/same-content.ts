/**
 * Whether two resources say the same, whatever the order of their members. Members that are undefined are not there, as
 * in the store.
 */

export function isSameContent(one: unknown, other: unknown): boolean {
  // Most comparisons are of equals that were written by the same code: the order of their members is the same, too.
  return JSON.stringify(one) === JSON.stringify(other) || contentText(one) === contentText(other)
}

/** One text for one content: JSON with the members of objects sorted. */
export function contentText(value: unknown): string {
  return JSON.stringify(value, sortMembers) ?? ''
}

function sortMembers(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const members = Object.entries(value)
  return Object.fromEntries(members.sort(([one], [other]) => (one < other ? -1 : 1)))
}
