/**
 * The worker's side of the conversation: carries out the orders of the main thread on its data plane.
 *
 * Every order gets exactly one answer. What the author of a definition can mend is a refusal; anything else that is
 * thrown is a bug, reaches nobody's `catch` here and ends the thread, and the supervisor starts another.
 */

import { messageOf } from '../../base/message-of.ts'
import type { ContextSource } from '../../expression/context-source.ts'
import { FormatError } from '../../observability/access-log/access-log-format.ts'
import type { LogSink } from '../../observability/access-log/log-sink.ts'
import { CompileError } from '../../runtime/snapshot/compile.ts'
import { codeOf } from '../failure.ts'
import type { LinkAnswer } from '../links/link-messages.ts'
import {
  type Answer,
  type Deployment,
  DONE,
  type NumberedAnswer,
  type NumberedOrder,
  type Order,
  type TlsMaterial,
} from '../messages.ts'
import type { DataPlane } from './data-plane.ts'

export interface DataWorkerParts {
  readonly plane: Pick<
    DataPlane,
    | 'load'
    | 'prepare'
    | 'commit'
    | 'discard'
    | 'useTargets'
    | 'tail'
    | 'challenge'
    | 'listenHttp'
    | 'listenHttps'
    | 'listenLink'
    | 'useTicketSecret'
    | 'leave'
    | 'drain'
    | 'destroy'
  >
  readonly sink: Pick<LogSink, 'reopen' | 'close'> | undefined
  /** Runs before a deployment is compiled: the memory that it shares with other threads. */
  readonly useShares: (deployment: Deployment) => void
  /** Runs before the HTTPS port opens. */
  readonly useCertificate: (material: TlsMaterial) => void
  /** What an agent of a VPC link has asked for. */
  readonly linkAnswered: (answer: LinkAnswer) => void
  readonly answer: (answer: NumberedAnswer) => void
  /** Takes every call while somebody watches. */
  readonly tap: (source: ContextSource) => void
  readonly warn: (message: string) => void
}

export class DataWorker {
  readonly #parts: DataWorkerParts

  constructor(parts: DataWorkerParts) {
    this.#parts = parts
  }

  /** Carries out one order and answers it. */
  async receive(order: NumberedOrder): Promise<void> {
    const answer = await this.#carryOut(order)
    this.#parts.answer({ ...answer, id: order.id })
  }

  async #carryOut(order: Order): Promise<Answer> {
    const { plane, sink } = this.#parts
    switch (order.kind) {
      case 'prepare':
        return this.#prepare(order.deployment)
      case 'commit':
        plane.commit()
        return DONE
      case 'discard':
        plane.discard()
        return DONE
      case 'targets':
        plane.useTargets(order.targetGroupArn, order.targets)
        return DONE
      case 'listen':
        return this.#listen(order)
      case 'ticket-secret':
        plane.useTicketSecret(order.secret)
        return DONE
      case 'tail':
        plane.tail(order.on ? this.#parts.tap : undefined)
        return DONE
      case 'link-answer':
        this.#parts.linkAnswered(order)
        return DONE
      case 'challenge':
        await plane.challenge(order.challenge, order.on)
        return DONE
      case 'reopen-log':
        return this.#reopenLog()
      case 'leave':
        plane.leave()
        return DONE
      case 'drain':
        await plane.drain()
        await sink?.close()
        return DONE
      case 'destroy':
        plane.destroy()
        await sink?.close()
        return DONE
      case 'crash':
        throw new Error(order.reason)
    }
  }

  async #prepare(deployment: Deployment): Promise<Answer> {
    await this.#parts.plane.load(deployment.configuration)
    this.#parts.useShares(deployment)
    try {
      this.#parts.plane.prepare(deployment.configuration)
      return DONE
    } catch (thrown) {
      if (thrown instanceof CompileError) return refused(thrown.problems)
      if (thrown instanceof FormatError) return refused([`${thrown.message}. ${thrown.mend}`])
      throw thrown
    }
  }

  async #listen(order: Extract<Order, { kind: 'listen' }>): Promise<Answer> {
    try {
      return { kind: 'done', port: await this.#open(order) }
    } catch (thrown) {
      return refused([messageOf(thrown)], codeOf(thrown))
    }
  }

  #open({ scheme, address, tls }: Extract<Order, { kind: 'listen' }>): Promise<number> {
    const { plane, useCertificate } = this.#parts
    if (scheme === 'http') return plane.listenHttp(address)
    if (scheme === 'link') return plane.listenLink(address, tls!)
    if (tls !== undefined) useCertificate(tls)
    return plane.listenHttps(address)
  }

  /** The old file goes on being written when the new one cannot be opened. */
  async #reopenLog(): Promise<Answer> {
    try {
      await this.#parts.sink?.reopen()
      return DONE
    } catch (thrown) {
      const reason = messageOf(thrown)
      this.#parts.warn(
        `the access log goes on in its old file: it cannot be opened anew: ${reason}`,
      )
      return refused([messageOf(thrown)], codeOf(thrown))
    }
  }
}

function refused(reasons: readonly string[], code = ''): Answer {
  return { kind: 'refused', reasons, code }
}
