/** Settings that are numbers: ports, counts, durations. */

import { last, quote, single, ValueError, type ValueType } from './value-type.ts'

/** 0 lets the system choose; `off` is undefined. */
export const portOrOff: ValueType<number | undefined> = {
  ...single,
  placeholder: 'PORT|off',
  words: ['off'],
  read: (texts) => (last(texts) === 'off' ? undefined : readPort(last(texts))),
}

function readPort(text: string): number {
  const number = readWhole(text)
  if (number !== undefined && number <= 65_535) return number
  throw new ValueError(`must be a port from 0 to 65535 or off, not ${quote(text)}`)
}

function readWhole(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** A whole number in a range. */
export function count(min: number, max: number): ValueType<number> {
  return {
    ...single,
    placeholder: 'N',
    read: (texts) => {
      const number = readWhole(last(texts))
      if (number !== undefined && number >= min && number <= max) return number
      throw new ValueError(`must be a number from ${min} to ${max}, not ${quote(last(texts))}`)
    },
  }
}

/** A whole number in a range, or the word `auto` (undefined). */
export function countOrAuto(min: number, max: number): ValueType<number | undefined> {
  return {
    ...single,
    placeholder: 'N|auto',
    words: ['auto'],
    read: (texts) => {
      const text = last(texts)
      if (text === 'auto') return undefined
      const number = readWhole(text)
      if (number !== undefined && number >= min && number <= max) return number
      throw new ValueError(`must be a number from ${min} to ${max} or auto, not ${quote(text)}`)
    },
  }
}

const MS_OF_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Milliseconds; written with its unit (`500ms`, `30s`, `5m`, `1h`). */
export const duration: ValueType<number> = {
  ...single,
  placeholder: 'DURATION',
  read: (texts) => {
    const [, digits, unit] = /^(\d{1,9})(ms|s|m|h)$/.exec(last(texts)) ?? []
    if (digits !== undefined && unit !== undefined) return Number(digits) * MS_OF_UNIT[unit]!
    throw new ValueError(`must be a duration such as 30s or 500ms, not ${quote(last(texts))}`)
  },
}

/** The same, at least a second; `off` is undefined. */
export const durationOrOff: ValueType<number | undefined> = {
  ...duration,
  placeholder: 'DURATION|off',
  words: ['off'],
  read: (texts) => {
    if (last(texts) === 'off') return undefined
    const ms = duration.read(texts)
    if (ms >= 1_000) return ms
    throw new ValueError(`must be 1s or more, or off, not ${quote(last(texts))}`)
  },
}
