/** Whether the settings ask for exports or tracing at all: a start that does not loads none of their code. */

import { type LogPlan, placesOf } from '../settings/log-destinations.ts'
import type { Environment } from '../settings/otlp-settings.ts'
import type { Settings } from '../settings/settings.ts'

export function asksForTelemetry(
  { trace, traceRules, otlpEndpoint, metricsEmf }: Settings,
  logs: LogPlan,
  environment: Environment,
): boolean {
  return (
    trace !== 'off' ||
    (traceRules ?? otlpEndpoint ?? metricsEmf) !== undefined ||
    placesOf(logs).some(({ kind }) => kind === 'channel') ||
    Object.keys(environment).some((name) => /^OTEL_EXPORTER_OTLP_(?:\w+_)?ENDPOINT$/.test(name))
  )
}
