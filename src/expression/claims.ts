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
  // No member that every object has is a text, so only what is none needs a look at whose it is.
  const value = claims[name]
  if (value === undefined || (typeof value !== 'string' && !Object.hasOwn(claims, name)))
    return undefined
  return value === undefined || value === null ? undefined : textOf(value)
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return `[${value.map(textOf).join(' ')}]`
  return JSON.stringify(value)
}
