/** The worker's side of enrolment: asks the main thread, which has the store, and hands its answer on. */

import type {
  EnrolRequest,
  IssuedIdentity,
  LinkIssuer,
  RenewRequest,
} from '../../domain/link-enrolment.ts'
import type { LinkAnswer, LinkAsk } from './link-messages.ts'

/** Asked for at a time; strangers can ask, too. */
const WAITING_MAX = 100

interface Waiting {
  readonly resolve: (identity: IssuedIdentity) => void
  readonly reject: (error: Error) => void
}

export class LinkAsker implements LinkIssuer {
  readonly #worker: number
  readonly #post: (ask: LinkAsk) => void
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0

  constructor(worker: number, post: (ask: LinkAsk) => void) {
    this.#worker = worker
    this.#post = post
  }

  enrol(request: EnrolRequest): Promise<IssuedIdentity> {
    return this.#ask({ what: 'enrol', ...request })
  }

  renew(request: RenewRequest): Promise<IssuedIdentity> {
    return this.#ask({ what: 'renew', ...request })
  }

  receive({ askId, outcome }: LinkAnswer): void {
    const waiting = this.#waiting.get(askId)
    this.#waiting.delete(askId)
    if ('identity' in outcome) waiting?.resolve(outcome.identity)
    else waiting?.reject(new Error(outcome.error))
  }

  #ask(request: LinkAsk['request']): Promise<IssuedIdentity> {
    if (this.#waiting.size >= WAITING_MAX) {
      return Promise.reject(new Error('The gateway has too many to answer: try again.'))
    }
    const askId = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(askId, { resolve, reject })
      this.#post({ kind: 'link-ask', worker: this.#worker, askId, request })
    })
  }
}
