/** An object as an export writes it: members that are undefined are not there. */

export type Written = Readonly<Record<string, unknown>>

export function written(members: Written): Written {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

export function hasMembers(object: object): boolean {
  return Object.keys(object).length > 0
}
