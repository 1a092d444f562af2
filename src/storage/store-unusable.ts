/**
 * Why the store cannot be opened, read or written, said so that the person at the keyboard can mend it.
 *
 * Thrown by the implementations of the store; the composition root prints it and gives up, or fails the one call.
 */
export class StoreUnusable extends Error {
  override name = 'StoreUnusable'
  /** One sentence: what to do about it. */
  readonly mend: string

  constructor(message: string, mend: string, options?: ErrorOptions) {
    super(message, options)
    this.mend = mend
  }
}
