/** Limits of access logs, of telemetry that is exported and of what postern explain keeps. Rows of the table in `domain/limits.ts`. */

import type { LimitRows } from './limit.ts'

export const OBSERVABILITY_LIMITS = {
  accessLogFormatBytes: {
    unit: 'bytes',
    aws: 3_072,
    extended: 16_384,
    beyond: 'refused at start',
    description: 'Access-log format (AWS: 3 KB).',
  },
  accessLogBufferBytes: {
    unit: 'bytes',
    aws: 4_194_304,
    extended: 4_194_304,
    beyond: 'lines are dropped and counted',
    description: 'Log lines that wait for a slow sink, for each worker.',
  },
  deniedCallsPerMinute: {
    unit: 'count',
    aws: 32,
    extended: 32,
    beyond: 'counted in one entry',
    description:
      'Entries of the audit log for calls that were denied, like ones together, in a minute.',
  },
  deniedCallsPerHour: {
    unit: 'count',
    aws: 256,
    extended: 256,
    beyond: 'counted in one entry, once the hour is over',
    description: 'The same in an hour: at most some 3 MB of log a day.',
  },
  exportQueueBytes: {
    unit: 'bytes',
    aws: 16_777_216,
    extended: 16_777_216,
    beyond: 'spans, segments and log lines are dropped and counted',
    description: 'What waits for a collector, for each kind of signal and destination.',
  },
  exportWorkerBytes: {
    unit: 'bytes',
    aws: 4_194_304,
    extended: 4_194_304,
    beyond: 'spans, segments and log lines are dropped and counted',
    description: 'What a worker has handed to the main thread and that has not arrived there.',
  },
  exportRetryMs: {
    unit: 'ms',
    aws: 300_000,
    extended: 300_000,
    beyond: 'the batch is dropped and counted',
    description: 'How long one batch is sent again to a collector that does not take it.',
  },
  explainCalls: {
    unit: 'count',
    aws: 16_384,
    extended: 16_384,
    beyond: 'the oldest are forgotten',
    description:
      'Calls that ended well and that one worker keeps for postern explain, 64 bytes each; down to a power of two.',
  },
  explainTroubles: {
    unit: 'count',
    aws: 4_096,
    extended: 4_096,
    beyond: 'the oldest are forgotten',
    description:
      'Calls that did not, with their reason in words, 1 KB each; down to a power of two.',
  },
  explainTextsPerSecond: {
    unit: 'count',
    aws: 100,
    extended: 100,
    beyond: 'the call is kept without its values, among those that ended well',
    description: 'Calls with one reason that one worker keeps in words in a second.',
  },
} as const satisfies LimitRows
