/** Settings that are texts: words to choose from, paths, URLs, on and off. */

import { last, quote, single, ValueError, type ValueType } from './value-type.ts'

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

/** An absolute http or https URL: scheme, host, port and path, and nothing else. */
export const url: ValueType<string> = {
  ...single,
  placeholder: 'URL',
  read: (texts) => {
    const written = last(texts)
    const parsed = URL.canParse(written) ? new URL(written) : undefined
    if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
      throw new ValueError(`must be a URL such as http://localhost:3000, not ${quote(written)}`)
    }
    if (parsed.username !== '' || parsed.password !== '') {
      throw new ValueError('must not hold a user or a password: they would end up in logs')
    }
    if (/[?#]/.test(written)) {
      throw new ValueError(`must end with its path, without ? or #, not ${quote(written)}`)
    }
    return written
  },
}

/** `outbox`, or the address of a program that sends. */
export const messageSender: ValueType<string> = {
  ...url,
  placeholder: 'outbox|URL',
  words: ['outbox'],
  read: (texts) => (last(texts) === 'outbox' ? 'outbox' : url.read(texts)),
}

/** The same, or the word `otlp`. */
export const urlOrOtlp: ValueType<string> = {
  ...url,
  placeholder: 'URL|otlp',
  words: ['otlp'],
  read: (texts) => (last(texts) === 'otlp' ? 'otlp' : url.read(texts)),
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
