/** Whether the settings ask for exports or tracing at all: a start that does not loads none of their code. */

import { type LogPlan, placesOf } from './log-destinations.ts'
import type { Settings } from './settings.ts'

export function asksForTelemetry({ trace, traceRules }: Settings, logs: LogPlan): boolean {
  const sendsLines = placesOf(logs).some(({ kind }) => kind === 'channel')
  return sendsLines || trace !== 'off' || traceRules !== undefined
}
