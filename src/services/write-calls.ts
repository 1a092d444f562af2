/**
 * One writing call within a batch: its context, its own trail of changes, its entry in the audit log.
 *
 * The management APIs come through here and so does what the program does by itself, such as `postern up FILE`; all
 * leave the same traces.
 */

import { ServiceError } from '../aws/service-error.ts'
import type { ServedApis } from '../domain/served-apis.ts'
import {
  type AuditEntry,
  INSTALLATION,
  type Scope,
  type Store,
  type Transaction,
} from '../storage/store.ts'
import { AuditTrail } from './audit-trail.ts'
import { callerName, type DeniedCalls } from './denied-calls.ts'
import { isDomainNameFree } from './free-domain-name.ts'
import type { AuditReader, Caller, ReadContext, ServiceSettings, WriteContext } from './service.ts'
import type { WriteQueue } from './write-queue.ts'

export interface CallParts {
  readonly store: Store
  readonly settings: ServiceSettings
  readonly served: () => ServedApis
  readonly explain?: ReadContext['explain']
  readonly targetHealth?: ReadContext['targetHealth']
  readonly linkedAgents?: ReadContext['linkedAgents']
  /** Calls that were denied, on their way into the audit log. */
  readonly denied?: DeniedCalls
  readonly now: () => Date
  readonly newId: (length: number) => string
}

/** Who calls what. */
export interface CallFacts {
  readonly scope: Scope
  readonly caller: Caller
  readonly requestId: string
  /** `apigatewayv2:CreateRoute`. */
  readonly action: string
}

/** The reasons of a large definition would fill the disk of whoever is asked again and again. */
const REFUSED_CHARACTERS_MAX = 1_000

/** `transaction` is for what the program does by itself, in every account and region. */
type Work<T> = (context: WriteContext, transaction: Transaction) => Promise<T>

export interface WriteOptions {
  /** Have the workers compile and serve everything, even when nothing has changed: the first deployment of a start. */
  readonly publishAlways?: boolean
}

/** What every context has besides its records. */
export function contextFacts(
  facts: CallFacts,
  parts: CallParts,
): Omit<ReadContext, 'records' | 'installation'> {
  const { scope, caller, requestId } = facts
  const { settings, served, explain, targetHealth, linkedAgents, now } = parts
  const live = { served, explain, targetHealth, linkedAgents }
  return { scope, caller, requestId, settings, now: now(), ...live, audit: auditOf(parts) }
}

function auditOf({ store, denied }: CallParts): AuditReader {
  return {
    log: async (query) => {
      await denied?.flush()
      return store.auditLog(query)
    },
    verify: () => store.verifyAuditLog(),
  }
}

export class WriteCalls {
  readonly #parts: CallParts
  readonly #queue: WriteQueue

  constructor(parts: CallParts, queue: WriteQueue) {
    this.#parts = parts
    this.#queue = queue
  }

  /**
   * Resolves when what `work` has written is committed and live. What it refuses with a ServiceError is thrown here, and
   * the log says who tried.
   */
  async run<T>(facts: CallFacts, work: Work<T>, options: WriteOptions = {}): Promise<T> {
    const result = await this.#queue.submit(
      (transaction) => this.#runIn(transaction, facts, work),
      {
        ...options,
        onRefused: (transaction, error) => transaction.audit(refusedEntry(facts, error)),
      },
    )
    if ('refused' in result) throw result.refused
    return result.output
  }

  /** Refuses what waits, and what comes from now on. Resolves when what is under way has ended. */
  close(): Promise<void> {
    return this.#queue.close()
  }

  async #runIn<T>(
    transaction: Transaction,
    facts: CallFacts,
    work: Work<T>,
  ): Promise<{ output: T } | { refused: ServiceError }> {
    const trail = new AuditTrail()
    try {
      const noted = trail.over(transaction)
      const context = this.#context(noted, facts)
      const output = await transaction.savepoint(() => work(context, noted))
      const changes = trail.changes()
      if (changes.length > 0) await transaction.audit({ ...entryOf(facts), changes })
      return { output }
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      await transaction.audit(refusedEntry(facts, error))
      return { refused: error }
    }
  }

  #context(transaction: Transaction, facts: CallFacts): WriteContext {
    return {
      ...contextFacts(facts, this.#parts),
      records: transaction.in(facts.scope),
      installation: transaction.in(INSTALLATION),
      newId: this.#parts.newId,
      isApiIdFree: async (apiId) => {
        const apis = await transaction.everywhere('api')
        return apis.every(({ id }) => id !== apiId)
      },
      isDomainNameFree: async (domainName) => {
        const taken = await transaction.everywhere('domain-name')
        return isDomainNameFree(domainName, facts.scope.accountId, taken)
      },
    }
  }
}

function entryOf({ scope, caller, requestId, action }: CallFacts): Omit<AuditEntry, 'changes'> {
  return { scope, who: callerName(caller), sourceIp: caller.sourceIp, requestId, action }
}

function refusedEntry(facts: CallFacts, error: ServiceError): AuditEntry {
  const refused = `${error.code}: ${error.message}`.slice(0, REFUSED_CHARACTERS_MAX)
  return { ...entryOf(facts), changes: [], refused }
}
