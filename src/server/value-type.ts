/**
 * The kinds of value that a setting can have: how each is written, read, refused and completed by a shell.
 *
 * Pure. A reader gets every text that was given (one for most, several where a setting may be repeated) and returns the
 * value or throws a `ValueError` whose sentence fits behind the name of the setting.
 */

import { isIP } from 'node:net'

/** Fits behind a name: `--http must be …`. */
export class ValueError extends Error {
  override name = 'ValueError'
}

export interface ValueType<T> {
  /** How help shows the value: `PORT`. '' for a switch, which takes none. */
  readonly placeholder: string
  /** May be given several times; postern.yaml takes a list or a mapping. */
  readonly repeated: boolean
  /** Words that a shell completes. */
  readonly words: readonly string[]
  readonly completes: 'nothing' | 'file' | 'directory'
  /** `texts` is never empty for a type that is not optional: the default stands in. */
  read(texts: readonly string[]): T
}

const single = { repeated: false, words: [], completes: 'nothing' } as const

/** The last text given: later flags win. */
function last(texts: readonly string[]): string {
  return texts[texts.length - 1] ?? ''
}

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

/** Text that fits `pattern`; `meaning` completes "must be …". */
export function text(placeholder: string, pattern?: RegExp, meaning = 'text'): ValueType<string> {
  return {
    ...single,
    placeholder,
    read: (texts) => {
      const value = last(texts)
      if (value !== '' && (pattern === undefined || pattern.test(value))) return value
      throw new ValueError(`must be ${meaning}, not ${quote(value)}`)
    },
  }
}

export function path(placeholder: 'FILE' | 'DIR'): ValueType<string> {
  const completes = placeholder === 'DIR' ? 'directory' : 'file'
  return { ...text(placeholder, undefined, 'a path'), completes }
}

export function choice<const Word extends string>(words: readonly Word[]): ValueType<Word> {
  return {
    ...single,
    placeholder: words.join('|'),
    words,
    read: (texts) => {
      const found = words.find((word) => word === last(texts))
      if (found !== undefined) return found
      throw new ValueError(`must be ${words.join(' or ')}, not ${quote(last(texts))}`)
    },
  }
}

/** Words that a shell offers, but any other text is fine too. */
export function wordsOrText(words: readonly string[], placeholder: string): ValueType<string> {
  return { ...text([...words, placeholder].join('|')), words }
}

/** An absolute http or https URL without user or fragment. */
export const url: ValueType<string> = {
  ...single,
  placeholder: 'URL',
  read: (texts) => {
    const parsed = URL.canParse(last(texts)) ? new URL(last(texts)) : undefined
    const usable =
      parsed !== undefined &&
      /^https?:$/.test(parsed.protocol) &&
      parsed.username === '' &&
      parsed.hash === ''
    if (usable) return last(texts)
    throw new ValueError(`must be a URL such as http://localhost:3000, not ${quote(last(texts))}`)
  },
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

/** On or off; the flag stands alone, `--no-…` turns it off, a variable or postern.yaml says true or false. */
export const onOff: ValueType<boolean> = {
  ...single,
  placeholder: '',
  words: ['true', 'false'],
  read: (texts) => {
    const word = last(texts)
    if (word === 'true' || word === '1') return true
    if (word === 'false' || word === '0') return false
    throw new ValueError(`must be true or false, not ${quote(word)}`)
  },
}

/** `name=value`, repeated; a later one replaces an earlier one of the same name. */
export const pairs: ValueType<Readonly<Record<string, string>>> = {
  ...single,
  placeholder: 'NAME=VALUE',
  repeated: true,
  read: (texts) => {
    const found = new Map<string, string>()
    for (const entry of texts) {
      const equals = entry.indexOf('=')
      if (equals < 1) throw new ValueError(`must be written NAME=VALUE, not ${quote(entry)}`)
      found.set(entry.slice(0, equals), entry.slice(equals + 1))
    }
    return Object.fromEntries(found)
  },
}

/** Several texts, repeated or separated by commas. */
export function list(placeholder: string, completes: 'nothing' | 'file' = 'nothing') {
  const type: ValueType<readonly string[]> = {
    ...single,
    placeholder,
    repeated: true,
    completes,
    read: (texts) => texts.flatMap((entry) => entry.split(',')).filter((entry) => entry !== ''),
  }
  return type
}

/** Addresses and networks, repeated or separated by commas. */
export const networks: ValueType<readonly string[]> = {
  ...list('CIDR'),
  read: (texts) => {
    const found = list('CIDR').read(texts)
    for (const network of found) if (!isNetwork(network)) throw notNetwork(network)
    return found
  },
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 6 ? 128 : 32))
  )
}

function notNetwork(text: string): ValueError {
  return new ValueError(`must be addresses or networks such as 10.0.0.0/8, not ${quote(text)}`)
}

/** The same, and undefined when nothing is given. */
export function optional<T>(type: ValueType<T>): ValueType<T | undefined> {
  return { ...type, read: (texts) => (texts.length === 0 ? undefined : type.read(texts)) }
}

function quote(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
}
