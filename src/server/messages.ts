/**
 * What the main thread and its workers say to each other.
 *
 * The main thread gives orders, each with a number; a worker answers each order exactly once, with the same number.
 * Everything is plain data that can be cloned. A deployment is two orders: `prepare` compiles and changes nothing,
 * `commit` makes the prepared revision live in one step, `discard` forgets it.
 */

import type { DeployedTargets } from '../balancing/balancing.ts'
import type { AcmeChallenge } from '../domain/acme-challenge.ts'
import type { Configuration } from '../domain/http-api.ts'
import type { StageBuckets } from '../features/throttle/bucket-register.ts'
import type { ListenAddress } from '../http/server/server-context.ts'
import type { StageShare } from '../observability/metrics/stage-metrics.ts'
import type { LinkAnswer } from './links/link-messages.ts'
import type { DeployedClients } from './usage/client-memory.ts'

/** A certificate chain and its key, in PEM. */
export interface TlsMaterial {
  readonly certificate: string
  readonly privateKey: string
  /** Whose certificates clients have to show; undefined: none is asked for. */
  readonly authority?: string
}

/** `link`: where agents of VPC links dial in. */
export type Scheme = 'http' | 'https' | 'link'

/** Everything that is to be served, with the memory that threads share for each stage. */
export interface Deployment {
  readonly configuration: Configuration
  /** For its figures; one for each stage, in the same order. */
  readonly shares: readonly StageShare[]
  /** For its token buckets; one for each stage, in the same order. */
  readonly buckets: readonly StageBuckets[]
  /** Undefined: no client has a limit. */
  readonly clients?: DeployedClients | undefined
  /** Undefined: nothing is balanced. */
  readonly targets?: DeployedTargets | undefined
  /** By which explain records name each stage, in the same order. */
  readonly stageNumbers: readonly number[]
}

export type Order =
  | { readonly kind: 'prepare'; readonly deployment: Deployment }
  | { readonly kind: 'commit' }
  | { readonly kind: 'discard' }
  | {
      readonly kind: 'listen'
      readonly scheme: Scheme
      readonly address: ListenAddress
      readonly tls: TlsMaterial | undefined
    }
  /** What the keys of session tickets are derived from, from now on. */
  | { readonly kind: 'ticket-secret'; readonly secret: Uint8Array }
  /** The targets of a group as they were discovered: they are in `targets.discovered`, with rows for new ones. */
  | {
      readonly kind: 'targets'
      readonly targetGroupArn: string
      readonly targets: DeployedTargets
    }
  | { readonly kind: 'reopen-log' }
  | LinkAnswer
  /** Send every call, in batches, or stop. */
  | { readonly kind: 'tail'; readonly on: boolean }
  /** Answer an authority that looks for this, or do so no more. */
  | { readonly kind: 'challenge'; readonly challenge: AcmeChallenge; readonly on: boolean }
  /** Go on serving, but end each connection with its next response: who balances clients is looking elsewhere. */
  | { readonly kind: 'leave' }
  /** Stop accepting, answer what is in flight, flush the log. */
  | { readonly kind: 'drain' }
  /** Break what is in flight, flush the log. */
  | { readonly kind: 'destroy' }
  /** Throw outside any handler, as a bug would: how tests see a worker crash. */
  | { readonly kind: 'crash'; readonly reason: string }

export type NumberedOrder = Order & { readonly id: number }

export type Answer =
  /** `port` is the one that was bound, for `listen`; 0 otherwise. */
  | { readonly kind: 'done'; readonly port: number }
  /** The order could not be carried out and nothing has changed. `code` is Node's error code, or ''. */
  | { readonly kind: 'refused'; readonly reasons: readonly string[]; readonly code: string }

export type NumberedAnswer = Answer & { readonly id: number }

export const DONE: Answer = { kind: 'done', port: 0 }
