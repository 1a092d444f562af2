/**
 * Clients that ask for one path again and again while something happens to the gateway, and count what a client would
 * call a fault: a failed request, or an answer that shows two revisions at once.
 */
import { KeepAliveClient, type Seen } from './keep-alive-client.ts'

const FAULTS_KEPT = 5

export interface SteadyCount {
  requests: number
  failed: number
  mixed: number
  /** The first few, in words. */
  readonly faults: string[]
}

export interface SteadyClients {
  readonly count: SteadyCount
  /** Lets the requests under way end. */
  stop(): Promise<void>
}

export function startSteadyClients(port: number, path: string, clients: number): SteadyClients {
  const count: SteadyCount = { requests: 0, failed: 0, mixed: 0, faults: [] }
  const state = { stopping: false }
  const loops = Array.from({ length: clients }, () =>
    askAgainAndAgain(port, path, { count, state }),
  )
  return {
    count,
    async stop() {
      state.stopping = true
      await Promise.all(loops)
    },
  }
}

interface Shared {
  readonly count: SteadyCount
  readonly state: { stopping: boolean }
}

async function askAgainAndAgain(
  port: number,
  path: string,
  { count, state }: Shared,
): Promise<void> {
  const client = new KeepAliveClient(port)
  while (!state.stopping) {
    count.requests++
    const seen = await client.get(path).catch((error: Error) => error)
    note(count, seen)
  }
  client.close()
}

function note(count: SteadyCount, seen: Seen | Error): void {
  if (seen instanceof Error || seen.status !== 200) {
    count.failed++
    keep(count, seen instanceof Error ? seen.message : `status ${seen.status}`)
  } else if (seen.revision !== seen.originRevision) {
    count.mixed++
    keep(
      count,
      `the response is of revision ${seen.revision}, the request was of ${seen.originRevision}`,
    )
  }
}

function keep(count: SteadyCount, fault: string): void {
  if (count.faults.length < FAULTS_KEPT) count.faults.push(fault)
}
