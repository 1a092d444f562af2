/** A resource as a flat list of members with dotted names, and the difference between two of them. */

/** Plain data, as it is written in JSON. */
export type PlanValue =
  | string
  | number
  | boolean
  | null
  | readonly PlanValue[]
  | { readonly [member: string]: PlanValue }

/** One member; `before` is absent when it is new, `after` when it goes. */
export interface MemberChange {
  /** `Integration.IntegrationUri`, `StageVariables.host`, `CorsConfiguration.AllowOrigins`. */
  readonly member: string
  readonly before?: PlanValue
  readonly after?: PlanValue
}

/** Dotted name → value. */
export type Members = ReadonlyMap<string, PlanValue>

/** Lists and texts are values; objects are taken apart. Members that are undefined or have their default are not there. */
export function membersOf(
  resource: object,
  defaults: Readonly<Record<string, PlanValue>> = {},
): Map<string, PlanValue> {
  const members = new Map<string, PlanValue>()
  collect(members, '', resource)
  for (const [name, value] of Object.entries(defaults)) {
    if (members.get(name) === value) members.delete(name)
  }
  return members
}

/** In the order of the names. */
export function changesBetween(before: Members, after: Members): MemberChange[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort()
  return names.flatMap((member) => {
    const [old, now] = [before.get(member), after.get(member)]
    if (textOf(old) === textOf(now)) return []
    return [
      {
        member,
        ...(old === undefined ? {} : { before: old }),
        ...(now === undefined ? {} : { after: now }),
      },
    ]
  })
}

function collect(members: Map<string, PlanValue>, prefix: string, resource: object): void {
  for (const [name, value] of Object.entries(resource) as [string, PlanValue | undefined][]) {
    if (value === undefined) continue
    if (isPlainObject(value)) collect(members, `${prefix}${name}.`, value)
    else members.set(prefix + name, value)
  }
}

function isPlainObject(value: PlanValue): value is { readonly [member: string]: PlanValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** One text for one value, whatever the order of members. */
export function textOf(value: unknown): string {
  const text = JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member
    return Object.fromEntries(
      Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)),
    )
  })
  return text ?? ''
}
