/** Random identifiers of resources, in the letters that API Gateway uses. */

import { randomInt } from 'node:crypto'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** `length` lower-case letters and digits from the system's generator. */
export function resourceId(length: number): string {
  return Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('')
}
