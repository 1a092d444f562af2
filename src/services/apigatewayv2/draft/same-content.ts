/**
 * Whether two resources say the same, whatever the order of their members. Members that are undefined are not there, as
 * in the store.
 */

export function isSameContent(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (!isObject(one) || !isObject(other)) return false
  if (Array.isArray(one) && Array.isArray(other)) return isSameList(one, other)
  if (Array.isArray(one) || Array.isArray(other)) return false
  // The first difference ends it: drafts of a thousand routes are compared after every change.
  for (const [name, value] of Object.entries(one)) {
    if (value === undefined) continue
    if (!Object.hasOwn(other, name) || !isSameContent(value, other[name])) return false
  }
  return countMembers(one) === countMembers(other)
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((entry, i) => isSameContent(entry, other[i]))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function countMembers(object: object): number {
  return Object.values(object).filter((value) => value !== undefined).length
}
