/**
 * Which TypeScript type each member of a package's structures has, read from its .d.ts text.
 *
 * The exported schemas call every string a string; that one of them takes the values of an enum stands only in the
 * declarations. They are generated themselves, one member a line, so lines are enough.
 */

/** Structure → member → `Record<string, RouteSettings>`. */
export type MemberTypes = ReadonlyMap<string, ReadonlyMap<string, string>>

const OWNER = /^export (?:interface|declare namespace) (\w+)/
const MEMBER = /^\s+(\w+)\??: ([^;]+?);?$/

export function readMemberTypes(declarations: string): MemberTypes {
  const owners = new Map<string, Map<string, string>>()
  let members = new Map<string, string>()
  for (const line of declarations.split('\n')) {
    const owner = OWNER.exec(line)
    if (owner !== null) {
      members = owners.get(owner[1]!) ?? new Map()
      owners.set(owner[1]!, members)
      continue
    }
    const member = MEMBER.exec(line)
    // A union's variant lists the members that it does not have as `never`.
    if (member === null || member[2] === 'never') continue
    members.set(member[1]!, member[2]!.replace(/\s*\|\s*undefined$/, ''))
  }
  return owners
}

/** `X` of `X[]` and of `(X)[]`. */
export function elementType(type: string): string {
  return type.replace(/\[\]$/, '').replace(/^\((.*)\)$/, '$1')
}

/** `X` of `Record<K, X>` and of `Partial<Record<K, X>>`. */
export function valueType(type: string): string {
  const record = type.startsWith('Partial<') ? type.slice('Partial<'.length, -1) : type
  return /^Record<[^,]+, (.*)>$/.exec(record)?.[1] ?? ''
}
