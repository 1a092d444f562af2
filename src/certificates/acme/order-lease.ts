/**
 * One order at a time per installation: a lease in the store, which whoever orders has to hold and to renew.
 *
 * Two programs on one store never order at once. A lease whose holder has died is free after its time, which is short,
 * since a living holder renews it three times as often. A holder that could not renew has to end its order.
 */

import type { Clock } from '../../base/clock.ts'
import { INSTALLATION, type Store } from '../../storage/store.ts'

export interface LeaseParts {
  readonly store: Store
  /** Of this program, and of no other that there is or was. */
  readonly holder: string
  readonly leaseMs: number
  readonly clock: Clock
  /** Runs `action` after `delayMs`, unless what it returns is called before. */
  readonly after: (delayMs: number, action: () => void) => () => void
}

export interface OrderLease {
  /** Aborted when the lease is somebody else's. */
  readonly signal: AbortSignal
  release(): Promise<void>
}

interface LeaseRecord {
  readonly holder: string
  readonly untilMs: number
}

const KEY = { kind: 'acme-lease', parent: '', id: 'order' }

/** How long it is somebody else's, or the lease. */
export async function takeLease(parts: LeaseParts): Promise<OrderLease | number> {
  const heldMs = await renew(parts)
  if (heldMs > 0) return heldMs
  const abort = new AbortController()
  let cancel = () => {}
  const again = () => {
    cancel = parts.after(parts.leaseMs / 3, () => {
      renew(parts).then(
        (lostMs) => (lostMs > 0 ? abort.abort() : again()),
        () => abort.abort(),
      )
    })
  }
  again()
  return {
    signal: abort.signal,
    release: async () => {
      cancel()
      await release(parts)
    },
  }
}

/** 0: it is ours from now on. Else how long it is another's. */
function renew({ store, holder, leaseMs, clock }: LeaseParts): Promise<number> {
  return store.write(async (transaction) => {
    const records = transaction.in(INSTALLATION)
    const held = (await records.get<LeaseRecord>(KEY))?.body
    const now = clock.epochMs()
    if (held !== undefined && held.holder !== holder) {
      // A clock that was set back must not keep a lease for longer than any lease lasts.
      const leftMs = Math.min(held.untilMs - now, leaseMs)
      if (leftMs > 0) return leftMs
    }
    await records.put(KEY, { holder, untilMs: now + leaseMs })
    return 0
  })
}

function release({ store, holder }: LeaseParts): Promise<void> {
  return store.write(async (transaction) => {
    const records = transaction.in(INSTALLATION)
    const held = (await records.get<LeaseRecord>(KEY))?.body
    if (held?.holder === holder) await records.delete(KEY)
  })
}
