/** What a step of a pipeline says to its driver (`runtime/http-api/pipeline.ts`). */

/** Go on with the next step. */
export const NEXT = 0
/** The step waits for something and calls `x.resume()` once, in a later turn. */
export const PENDING = 1
/** The answer is decided: go to the response side. */
export const RESPOND = 2

export type Outcome = typeof NEXT | typeof PENDING | typeof RESPOND
/** Outcomes of the response side, which cannot be answered early again. */
export type ResponseOutcome = typeof NEXT | typeof PENDING
