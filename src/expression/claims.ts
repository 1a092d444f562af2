/**
 * Claims of a verified token as text, for `$context.authorizer.claims.name` in logs and mappings.
 *
 * The forms are those of API Gateway: a list is `[a b]`. What they hold comes from whoever the issuer lets write it,
 * so whoever puts one into a line or a header field escapes or refuses what does not belong there.
 */

/** Members of a token's payload. */
export type Claims = Readonly<Record<string, unknown>>

/** Undefined when there is no claim of that name, or it is null. */
export function claimText(claims: Claims, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined
  return value === undefined || value === null ? undefined : textOf(value)
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return `[${value.map(textOf).join(' ')}]`
  return JSON.stringify(value)
}
