/** The two figures of every row about requests: what one costs, and how many fit into a second. */
import type { Measured } from './alternate.ts'
import type { Figure } from './row.ts'

export const CPU = 'CPU per request'
export const RATE = 'requests per second'

/** The two figures of every request row. */
export function requestFigures(measured: readonly Measured[]): readonly Figure[] {
  return measured.flatMap(({ name, cpuMicrosPerRequest, requestsPerSecond }) => [
    { subject: name, quantity: CPU, unit: 'µs', samples: cpuMicrosPerRequest } as const,
    { subject: name, quantity: RATE, unit: 'per s', samples: requestsPerSecond } as const,
  ])
}
