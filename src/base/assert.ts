/** A bug, not a bad input: whoever sees this error gives up the connection, the call or the process (STYLE §7). */
export class AssertionFailed extends Error {
  override name = 'AssertionFailed'
}

/** States what must be true here. `sentence` says what was expected, for the log. */
export function assert(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new AssertionFailed(sentence)
}
