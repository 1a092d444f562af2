/**
 * Calls of operations, for tests: over a MemoryStore, with a clock that stands and ids that count.
 *
 * Each call is a transaction of its own, as a batch of one; a call that throws leaves nothing behind.
 */

import { limitsOf } from '../domain/limits.ts'
import type { LinkedAgent } from '../domain/linked-agent.ts'
import type { ServedApis } from '../domain/served-apis.ts'
import { MemoryStore } from '../storage/memory-store.fake.ts'
import { INSTALLATION, type Scope, type Transaction } from '../storage/store.ts'
import { isDomainNameFree } from './free-domain-name.ts'
import {
  type Operation,
  type ReadContext,
  Refused,
  type ServiceSettings,
  type WriteContext,
} from './service.ts'

export const TEST_SCOPE: Scope = { accountId: '123456789012', region: 'eu-central-1' }
const TEST_TIME = new Date('2026-11-22T12:34:56.000Z')

export class ServiceCalls {
  readonly store = new MemoryStore()
  readonly scope: Scope
  now = TEST_TIME
  targetHealth: ReadContext['targetHealth']
  served: ServedApis = { revision: 0, apis: [] }
  /** Agents of VPC links that are connected. */
  linkedAgents: readonly LinkedAgent[] = []
  settings: ServiceSettings = {
    limitProfile: 'aws',
    limits: limitsOf('aws'),
    apiEndpoint: (apiId, region) => `http://${apiId}.execute-api.${region}.localhost:8080`,
  }
  #ids = 0

  constructor(scope: Scope = TEST_SCOPE) {
    this.scope = scope
  }

  /** What the operation answers; rejects with the ServiceError that it throws. */
  call<Input, Output>(operation: Operation<Input, Output>, input: Input): Promise<Output> {
    if (operation.kind === 'read') return this.#read((context) => operation.run(input, context))
    if (operation.kind === 'decide') return this.#decide(operation, input)
    return this.write((context) => operation.run(input, context))
  }

  #read<T>(work: (context: ReadContext) => Promise<T>): Promise<T> {
    return this.store.read((reader) =>
      work({
        ...this.#context(),
        records: reader.in(this.scope),
        installation: reader.in(INSTALLATION),
      }),
    )
  }

  async #decide<Input, Output>(
    operation: Extract<Operation<Input, Output>, { kind: 'decide' }>,
    input: Input,
  ): Promise<Output> {
    const context = { ...this.#context(), read: this.#read.bind(this) }
    const decision = await operation.run(input, context)
    if ('answer' in decision) return decision.answer
    const output = await this.write((writing) => decision.commit(writing))
    if (output instanceof Refused) throw output.error
    return output
  }

  /** Runs code that needs a WriteContext, in a transaction of its own. */
  write<T>(work: (context: WriteContext, transaction: Transaction) => Promise<T>): Promise<T> {
    return this.store.write((transaction) => {
      const context: WriteContext = {
        ...this.#context(),
        records: transaction.in(this.scope),
        installation: transaction.in(INSTALLATION),
        newId: (length) => this.#nextId(length),
        isApiIdFree: async (apiId) => {
          const apis = await transaction.everywhere('api')
          return !apis.some(({ id }) => id === apiId)
        },
        isDomainNameFree: async (domainName) => {
          const taken = await transaction.everywhere('domain-name')
          return isDomainNameFree(domainName, this.scope.accountId, taken)
        },
      }
      return work(context, transaction)
    })
  }

  /** A number, filled up in front with what is no digit: `aaaaaaaa1z`. Different for each call. */
  #nextId(length: number): string {
    return `${++this.#ids}z`.padStart(length, 'a')
  }

  #context(): Omit<ReadContext, 'records' | 'installation'> {
    return {
      scope: this.scope,
      caller: { accountId: this.scope.accountId, ...CALLER },
      requestId: 'request-1',
      settings: this.settings,
      now: this.now,
      targetHealth: this.targetHealth,
      linkedAgents: () => this.linkedAgents,
      audit: {
        log: (query) => this.store.auditLog(query),
        verify: () => this.store.verifyAuditLog(),
      },
      served: () => this.served,
    }
  }
}

const CALLER = { accessKeyId: 'AKIATEST', readOnly: false, sourceIp: '127.0.0.1' }
