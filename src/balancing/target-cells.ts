/** What stands in the rows of shared memory that targets and their groups have: names for numbers. `target-memory.ts` holds them. */

export const HEALTH = { unused: 0, initial: 1, healthy: 2, unhealthy: 3, unchecked: 4 } as const

/** Why a target is not healthy, in the order of their numbers (names of Elastic Load Balancing). */
export const HEALTH_REASONS = [
  '',
  'Elb.RegistrationInProgress',
  'Elb.InitialHealthChecking',
  'Target.ResponseCodeMismatch',
  'Target.Timeout',
  'Target.FailedHealthChecks',
  'Target.HealthCheckDisabled',
] as const
export type HealthReason = (typeof HEALTH_REASONS)[number]

/** Cells of a row. */
export const CELL = {
  health: 0,
  reason: 1,
  /** The status that the last check saw; 0: none. */
  seenStatus: 2,
  /** Checks of one kind in a row. */
  successes: 3,
  failures: 4,
  /** When its slow start began; 0: it has none. */
  rampSince: 5,
  inFlight: 6,
  /** Calls in a row that failed. */
  failedInARow: 7,
  /** Left out until then. In the past: on trial, the next call decides. 0: in. */
  ejectedUntil: 8,
  /** How often it was left out of late. */
  ejections: 9,
  /** Of a group: grows whenever one of its targets has changed. */
  version: 10,
  /** Of a group: who leaves a target out at this moment, by worker; 0: nobody. */
  ticket: 11,
} as const
export const CELLS = 12

export const FIGURE = {
  requests: 0,
  status2xx: 1,
  status3xx: 2,
  status4xx: 3,
  status5xx: 4,
  connectionErrors: 5,
  ejections: 6,
  retries: 7,
  /** This worker's part of what is under way. */
  inFlight: 8,
} as const
export type FigureName = keyof typeof FIGURE
export const FIGURES = 9
