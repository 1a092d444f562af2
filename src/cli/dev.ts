/**
 * `postern dev`: `up` for somebody who is writing the definition. What differs is in the defaults of the settings table:
 * files are watched, and each request is a line for people.
 */

import type { CommandInput } from './command.ts'
import { serve } from './serve.ts'

export function dev(input: CommandInput): Promise<number> {
  return serve('dev', input)
}
