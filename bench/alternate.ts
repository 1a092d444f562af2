/**
 * The measurement most rows share: subjects take turns under the same load, and each turn yields the processor time of
 * the gateway per request, requests per second and bytes per second.
 *
 * All subjects run the whole time; those not under load sleep. Who goes first changes from run to run.
 */
import type { RunningGateway } from './gateway/gateway.ts'
import type { Load } from './load/load.ts'
import type { Plan } from './plan.ts'
import { cpuMicros } from './process/process-tree.ts'

export interface Subject {
  readonly running: RunningGateway
  load(seconds: number): Promise<Load>
}

/** Samples by run, in the order of the subjects. */
export interface Measured {
  readonly name: string
  readonly cpuMicrosPerRequest: number[]
  readonly requestsPerSecond: number[]
  readonly bytesPerSecond: number[]
}

export interface AlternateOptions {
  /** Requests after which a program counts as warm. */
  readonly warmupRequests?: number
  /** Called once, between the warm-up and the first run. */
  readonly settled?: () => void
}

const WARMUP_REQUESTS = 200_000
const WARMUP_ROUNDS_MAX = 6

export async function alternate(
  plan: Plan,
  subjects: readonly Subject[],
  options: AlternateOptions = {},
): Promise<readonly Measured[]> {
  const all = subjects.map(({ running }) => ({
    name: running.name,
    cpuMicrosPerRequest: [],
    requestsPerSecond: [],
    bytesPerSecond: [],
  }))
  for (const subject of subjects) {
    await warmUp(plan, (seconds) => subject.load(seconds), options.warmupRequests)
  }
  options.settled?.()
  for (let run = 0; run < plan.runs; run++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const i = (run + turn) % subjects.length
      await measure(subjects[i]!, plan.seconds, all[i]!)
    }
  }
  return all
}

/**
 * Loads until `requests` have been answered, by count and not by time alone: V8 goes on compiling for a few hundred
 * thousand requests (Postern: 28 µs in the first second at full speed, 18 µs in the eighth).
 */
export async function warmUp(
  plan: Plan,
  load: Subject['load'],
  requests = WARMUP_REQUESTS,
): Promise<void> {
  let answered = 0
  for (let round = 0; round < WARMUP_ROUNDS_MAX; round++) {
    answered += (await load(plan.warmupSeconds)).requests
    if (answered >= requests) return
  }
}

async function measure(subject: Subject, seconds: number, into: Measured): Promise<void> {
  const { pid } = subject.running.child
  const before = cpuMicros(pid)
  const load = await subject.load(seconds)
  const used = cpuMicros(pid) - before
  into.cpuMicrosPerRequest.push(used / load.requests)
  into.requestsPerSecond.push(load.requests / load.seconds)
  into.bytesPerSecond.push(load.bytes / load.seconds)
}
