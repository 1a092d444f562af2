/**
 * A copy of latin1 text as one run of characters.
 *
 * V8 keeps a slice as a pointer into its parent and a concatenation as a tree; text that is read for every request is
 * worth copying once, since each pointer is a cache miss when there are thousands of routes (bench/rows/many-routes.ts).
 */
export function flatText(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
