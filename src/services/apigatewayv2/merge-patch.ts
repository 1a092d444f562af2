/**
 * Updates: members that a call leaves out stay as they are, '' takes a text away, and maps of parameters are changed
 * entry by entry.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html (removing a mapping)
 */

/**
 * `current` with every member of `patch` that is there; a '' removes the member, where it may be absent. Members that
 * have rules of their own are merged by the caller and put into `patch` as they shall be.
 */
export function mergePatch<T extends object>(current: T, patch: Patch<T>): T {
  const merged = { ...current } as Record<string, unknown>
  for (const [member, value] of Object.entries(patch)) {
    if (value === '') delete merged[member]
    else if (value !== undefined) merged[member] = value
  }
  return merged as T
}

export type Patch<T> = { readonly [Member in keyof T]?: T[Member] | '' | undefined }

type Entries<Value> = Readonly<Record<string, Value>>

/**
 * A map with the entries of `patch` put in, and those whose new value is empty ('' or {}) taken out. Undefined when
 * nothing is left, so that the member disappears.
 */
export function mergeEntries<Value extends string | object>(
  current: Entries<Value> | undefined,
  patch: Entries<Value> | undefined,
): Record<string, Value> | undefined {
  const merged = new Map(Object.entries({ ...current }))
  for (const [key, value] of Object.entries(patch ?? {})) {
    if (isEmpty(value)) merged.delete(key)
    else merged.set(key, value)
  }
  return merged.size === 0 ? undefined : Object.fromEntries(merged)
}

/** `value` without its members that are undefined: what an answer may hold. */
export function withoutUndefined<T extends object>(
  value: T,
): { [Member in keyof T]: Defined<T[Member]> } {
  const defined = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(defined) as { [Member in keyof T]: Defined<T[Member]> }
}

type Defined<T> = Exclude<T, undefined>

function isEmpty(value: string | object): boolean {
  return typeof value === 'string' ? value === '' : Object.keys(value).length === 0
}
