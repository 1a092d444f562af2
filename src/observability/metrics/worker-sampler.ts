/**
 * Looks at the worker that it runs in, every few seconds: how late the event loop is, how much heap is used.
 */

import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { WorkerGauges } from './worker-gauges.ts'

/** How often the event loop is looked at; a delay is what comes on top of it. */
const RESOLUTION_MS = 20
const NANOSECONDS = 1e9

export interface WorkerSampler {
  /** Takes the figures now. */
  sample(): void
  stop(): void
}

/** Begins at once and keeps no thread alive. */
export function startWorkerSampler(gauges: WorkerGauges, intervalMs = 2_000): WorkerSampler {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  const sample = (): void => {
    // Without a single tick since the last time the histogram has no mean.
    const mean = Number.isNaN(delays.mean) ? 0 : delays.mean
    gauges.set('eventLoopLagSeconds', lagSeconds(mean))
    gauges.set('eventLoopLagMaxSeconds', lagSeconds(delays.max))
    gauges.set('heapUsedBytes', process.memoryUsage().heapUsed)
    delays.reset()
  }
  const timer = setInterval(sample, intervalMs).unref()
  const stop = (): void => {
    clearInterval(timer)
    delays.disable()
  }
  return { sample, stop }
}

function lagSeconds(nanoseconds: number): number {
  return Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS / 1000)
}
