/** A parameter mapping that cannot be compiled: which key, what is wrong with it, and what to write instead. */
export class MappingError extends Error {
  override name = 'MappingError'
  /** The key of the mapping, `append:header.x`. */
  readonly key: string
  /** One sentence: what to do. */
  readonly mend: string

  constructor(key: string, message: string, mend: string) {
    super(message)
    this.key = key
    this.mend = mend
  }
}
