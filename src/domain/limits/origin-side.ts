/** Limits of calls to integrations and of the connections to their origins. Rows of the table in `domain/limits.ts`. */

import type { LimitRows } from './limit.ts'

export const ORIGIN_SIDE_LIMITS = {
  integrationTimeoutMinMs: {
    unit: 'ms',
    aws: 50,
    extended: 1,
    beyond: 'the definition is refused',
    description: 'Shortest integration timeout.',
  },
  integrationTimeoutMaxMs: {
    unit: 'ms',
    aws: 30_000,
    extended: 86_400_000,
    beyond: 'the definition is refused',
    description: 'Longest integration timeout (AWS: 30 s).',
  },
  integrationTimeoutDefaultMs: {
    unit: 'ms',
    aws: 30_000,
    extended: 30_000,
    beyond: '503',
    description: 'Integration timeout where the definition names none.',
  },
  responseIdleTimeoutMs: {
    unit: 'ms',
    aws: 30_000,
    extended: 300_000,
    beyond: 'the response is cut',
    description: 'Between two reads of a response body from an integration.',
  },
  connectTimeoutMs: {
    unit: 'ms',
    aws: 5_000,
    extended: 5_000,
    beyond: '503',
    description: 'Connection to an origin, name look-up and TLS handshake included.',
  },
  originConnections: {
    unit: 'count',
    aws: 1_024,
    extended: 1_024,
    beyond: 'requests wait for a connection, at most the connect timeout; then 503',
    description: 'Connections of one worker to one origin.',
  },
  originWaiting: {
    unit: 'count',
    aws: 4_096,
    extended: 4_096,
    beyond: '503',
    description: 'Requests of one worker that wait for a connection to one origin.',
  },
  originIdleTimeoutMs: {
    unit: 'ms',
    aws: 55_000,
    extended: 55_000,
    beyond: 'connection closed',
    description: 'An idle kept-alive connection to an origin.',
  },
} as const satisfies LimitRows
