/** Time as a dependency, so that tests can move it. */

export interface Clock {
  /** Monotonic milliseconds with fractions; only differences mean something. */
  now(): number
  /** Milliseconds since the epoch. */
  epochMs(): number
}

/** Taken once: the global of that name is a getter, which is asked for every reading (0.4 % of a request). */
const { performance } = globalThis

export const systemClock: Clock = {
  now: () => performance.now(),
  epochMs: () => Date.now(),
}

const OFFSETS_TRIED = 8
const offsetMs = sharedOffsetMs()

/** Its `now()` is the same in all threads of the process, to about a microsecond; it counts from the machine's start. */
export const processClock: Clock = {
  now: () => performance.now() + offsetMs,
  epochMs: () => Date.now(),
}

/** From this thread's time to the machine's. The pair that was read in the shortest time is the truest. */
function sharedOffsetMs(): number {
  let best = { tookMs: Number.POSITIVE_INFINITY, offsetMs: 0 }
  for (let i = 0; i < OFFSETS_TRIED; i++) {
    const before = performance.now()
    const [seconds, nanoseconds] = process.hrtime()
    const tookMs = performance.now() - before
    const machineMs = seconds * 1_000 + nanoseconds / 1_000_000
    if (tookMs < best.tookMs) best = { tookMs, offsetMs: machineMs - before - tookMs / 2 }
  }
  return best.offsetMs
}
