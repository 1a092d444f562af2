/** Whether the settings ask for exports or tracing at all: a start that does not loads none of their code. */

import type { Settings } from './settings.ts'

export function asksForTelemetry({ trace, traceRules }: Settings): boolean {
  return trace !== 'off' || traceRules !== undefined
}
