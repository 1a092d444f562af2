/** `postern up`: serves definitions until it is told to stop. */

import type { CommandInput } from './command.ts'
import { serve } from './serve.ts'

export function up(input: CommandInput): Promise<number> {
  return serve('up', input)
}
