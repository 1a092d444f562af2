/**
 * What a kind of value is that a setting can have: how it is written, read, refused and completed by a shell.
 *
 * Pure. A reader gets every text that was given (one for most, several where a setting may be repeated) and returns the
 * value or throws a `ValueError` whose sentence fits behind the name of the setting.
 */

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

/** The usual: given once, nothing to complete. */
export const single = { repeated: false, words: [], completes: 'nothing' } as const

/** The last text given: later flags win. */
export function last(texts: readonly string[]): string {
  return texts[texts.length - 1] ?? ''
}

/** The same type, and undefined when nothing is given. */
export function optional<T>(type: ValueType<T>): ValueType<T | undefined> {
  return { ...type, read: (texts) => (texts.length === 0 ? undefined : type.read(texts)) }
}

/** A value that was refused, short enough for a sentence. */
export function quote(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
}
