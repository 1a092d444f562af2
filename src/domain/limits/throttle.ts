/** Limits of the limits: rates of an account, clients told apart, usage plans and API keys. Rows of the table in `domain/limits.ts`. */

import type { LimitRows } from './limit.ts'

export const THROTTLE_LIMITS = {
  accountRatePerSecond: {
    unit: 'count',
    aws: 10_000,
    extended: Number.MAX_SAFE_INTEGER,
    beyond: '429',
    description: 'Requests a second to all APIs of an account in a region (AWS: 10 000).',
  },
  accountBurst: {
    unit: 'count',
    aws: 5_000,
    extended: Number.MAX_SAFE_INTEGER,
    beyond: '429',
    description:
      'Requests at once to all APIs of an account in a region (AWS: 5 000). With one of the two, the other is that of AWS.',
  },
  clientBuckets: {
    unit: 'count',
    aws: 262_144,
    extended: 262_144,
    beyond:
      'clients that find no place take from one bucket that they share; a place is free again when its bucket is full',
    description:
      'Clients whose own token bucket is not full at one moment, of all limits together; 24 bytes each.',
  },
  meteredClients: {
    unit: 'count',
    aws: 32_768,
    extended: 32_768,
    beyond: 'further clients of a limit are counted together as `*` and share one quota',
    description:
      'Clients with a quota, or whose usage is kept, that were seen today or in the period of their quota; 280 bytes each.',
  },
  meters: {
    unit: 'count',
    aws: 4_096,
    extended: 4_096,
    beyond: 'the deployment is refused',
    description: 'Usage plans and limits that keep usage, since the start of the process.',
  },
  usageFlushMs: {
    unit: 'ms',
    aws: 2_000,
    extended: 2_000,
    beyond: 'what a killed process has counted since is lost',
    description: 'How often the usage of clients is written to the store.',
  },
  usageDays: {
    unit: 'count',
    aws: 90,
    extended: 400,
    beyond: 'older days are removed from the store',
    description: 'Days for which the usage of clients is kept.',
  },
  apiKeysPerRegion: {
    unit: 'count',
    aws: 10_000,
    extended: 10_000,
    beyond: 'LimitExceededException',
    description: 'API keys of one account in one region (AWS: 10 000).',
  },
  clientCertificatesPerRegion: {
    unit: 'count',
    aws: 60,
    extended: 60,
    beyond: 'LimitExceededException',
    description: 'Client certificates of one account in one region (AWS: 60).',
  },
  usagePlansPerRegion: {
    unit: 'count',
    aws: 300,
    extended: 300,
    beyond: 'LimitExceededException',
    description: 'Usage plans of one account in one region (AWS: 300).',
  },
  stagesPerUsagePlan: {
    unit: 'count',
    aws: 100,
    extended: 100,
    beyond: 'BadRequestException',
    description: 'API stages of one usage plan.',
  },
  clientOverrides: {
    unit: 'count',
    aws: 1_000,
    extended: 1_000,
    beyond: 'the definition is refused',
    description: 'Clients with limits of their own in one x-postern-limits.',
  },
} as const satisfies LimitRows
