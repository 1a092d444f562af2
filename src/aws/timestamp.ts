/**
 * Points in time as they travel, in the three formats of https://smithy.io/2.0/spec/protocol-traits.html#timestampformat-trait.
 *
 * Written with seconds, as AWS does; read with whatever fraction the other side sends.
 */

import type { Shape } from './service-model.ts'

export type TimestampFormat = Extract<Shape, { kind: 'timestamp' }>['format']

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/
const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/
/** The last second that a Date can hold. */
const SECONDS_MAX = 8_640_000_000_000

/** Undefined: it is none. */
export function readTimestamp(format: TimestampFormat, value: unknown): Date | undefined {
  if (format === 'epoch-seconds') {
    const isTime = typeof value === 'number' && Math.abs(value) <= SECONDS_MAX
    return isTime ? new Date(value * 1_000) : undefined
  }
  const pattern = format === 'date-time' ? DATE_TIME : HTTP_DATE
  if (typeof value !== 'string' || !pattern.test(value)) return undefined
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** Takes a date or its ISO text, as records keep it. */
export function writeTimestamp(format: TimestampFormat, value: Date | string): string | number {
  const date = typeof value === 'string' ? new Date(value) : value
  switch (format) {
    case 'date-time':
      return date.toISOString().replace(/\.\d+Z$/, 'Z')
    case 'http-date':
      return date.toUTCString()
    case 'epoch-seconds':
      return Math.floor(date.getTime() / 1_000)
  }
}
