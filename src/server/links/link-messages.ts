/** What workers and the main thread say to each other about agents of VPC links. Plain data. */

import type { EnrolRequest, IssuedIdentity, RenewRequest } from '../../domain/link-enrolment.ts'
import type { LinkTotals } from '../../domain/link-totals.ts'
import type { LinkedAgent } from '../../domain/linked-agent.ts'

/** Of a worker: an agent at its link port wants a certificate. */
export interface LinkAsk {
  readonly kind: 'link-ask'
  readonly worker: number
  readonly askId: number
  readonly request:
    | ({ readonly what: 'enrol' } & EnrolRequest)
    | ({ readonly what: 'renew' } & RenewRequest)
}

/** Of a worker, once a second: who is connected to it, and what it has counted of each link. */
export interface LinkedAgents {
  readonly kind: 'linked-agents'
  readonly worker: number
  readonly agents: readonly LinkedAgent[]
  /** By id of the link. */
  readonly totals: ReadonlyMap<string, LinkTotals>
}

/** To the worker that has asked. */
export interface LinkAnswer {
  readonly kind: 'link-answer'
  readonly askId: number
  readonly outcome:
    | { readonly identity: IssuedIdentity }
    /** The sentence goes to the agent, and to whoever runs it. */
    | { readonly error: string }
}
