/** Limits of the process: when it has too much to do, and how long it may take to end. Rows of the table in `domain/limits.ts`. */

import type { LimitRows } from './limit.ts'

export const PROCESS_LIMITS = {
  overloadRequests: {
    unit: 'count',
    aws: 20_000,
    extended: 20_000,
    beyond: '503 with Retry-After, before authorization and before the body is read',
    description: 'Calls under way in one worker; from 80 % on connections are not kept.',
  },
  overloadLagMs: {
    unit: 'ms',
    aws: 500,
    extended: 500,
    beyond: 'a growing share of calls is answered 503; beyond three times of it nobody is let in',
    description:
      'How late the event loop of a worker is, for half a second; from half of it on connections are not kept.',
  },
  overloadMemoryBytes: {
    unit: 'bytes',
    aws: Number.MAX_SAFE_INTEGER,
    extended: Number.MAX_SAFE_INTEGER,
    beyond:
      'from 85 % on connections are not kept, from 92 % on 503, from 97 % on nobody is let in',
    description: 'Memory of the whole process; none: what the machine or the container has.',
  },
  drainTimeoutMs: {
    unit: 'ms',
    aws: 30_000,
    extended: 30_000,
    beyond: 'what is still in flight is cut',
    description: 'From SIGTERM to the end of the process.',
  },
} as const satisfies LimitRows
