/** What values of attributes may be: each says what is wrong, or undefined. */

export function isBoolean(value: string): string | undefined {
  return value === 'true' || value === 'false' ? undefined : 'it is true or false'
}

export function isWhole(least: number, most: number) {
  return (value: string): string | undefined =>
    /^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `it is a number from ${least} to ${most}`
}

export function isOneOf(...words: readonly string[]) {
  return (value: string): string | undefined =>
    words.includes(value) ? undefined : `it is one of ${words.join(', ')}`
}
