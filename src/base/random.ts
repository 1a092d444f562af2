/** Chance as a dependency, so that tests can decide it. For what has to be unguessable there is `node:crypto`. */

/** From 0 to 1, without 1. */
export type Random = () => number

export const systemRandom: Random = Math.random
