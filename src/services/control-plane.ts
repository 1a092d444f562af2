/**
 * One call of a management API, from the request that a signature has proved to the response.
 *
 * dispatcher (which operation, with which input) → may this key do it → the operation over the store → codec. Reads get
 * a consistent view and never wait; writes go through the queue. The one place where `ServiceError` becomes an answer.
 */

import { ServiceError } from '../aws/service-error.ts'
import type { WireRequest, WireResponse } from '../aws/wire-message.ts'
import { INSTALLATION } from '../storage/store.ts'
import { StoreUnusable } from '../storage/store-unusable.ts'
import type { ControlThrottle } from './control-throttle.ts'
import { type Call, type Dispatcher, encodeFailure, encodeSuccess } from './dispatcher.ts'
import type { AnyOperation, Caller } from './service.ts'
import { type CallFacts, type CallParts, contextFacts, type WriteCalls } from './write-calls.ts'

export interface ControlPlaneParts extends CallParts {
  readonly writes: WriteCalls
  readonly dispatcher: Dispatcher
  /** Undefined: no quotas. */
  readonly throttle: ControlThrottle | undefined
  /** Hears of what is no error of the caller: trouble of the store, or a bug. */
  readonly trouble: (error: unknown, requestId: string) => void
}

/** What a verified signature says. */
export interface Proof {
  readonly caller: Caller
  /** Of the credential scope. */
  readonly region: string
  readonly requestId: string
  /** The service of the credential scope; undefined: nothing was signed, and nothing needs to be. */
  readonly signedFor: string | undefined
}

type ReadOperation = Extract<AnyOperation, { kind: 'read' }>

export class ControlPlane {
  readonly #parts: ControlPlaneParts

  constructor(parts: ControlPlaneParts) {
    this.#parts = parts
  }

  /** Never throws. */
  async answer(request: WireRequest, proof: Proof): Promise<WireResponse> {
    const { requestId } = proof
    try {
      const call = this.#parts.dispatcher.resolve(request)
      return encodeSuccess(call, await this.#run(call, proof), requestId)
    } catch (thrown) {
      return encodeFailure(request, this.failureOf(thrown, requestId), requestId)
    }
  }

  /** What the caller is told. The details of what is not his error are for the operator. */
  failureOf(thrown: unknown, requestId: string): ServiceError {
    if (thrown instanceof ServiceError) return thrown
    this.#parts.trouble(thrown, requestId)
    const [code, what] =
      thrown instanceof StoreUnusable
        ? (['ServiceUnavailableException', 'The store of Postern cannot be used'] as const)
        : (['InternalServerException', 'Something is wrong with Postern itself'] as const)
    return new ServiceError(code, `${what}; its log says what, under request ${requestId}.`)
  }

  #run(call: Call, proof: Proof): Promise<object> {
    const { operation, input } = call
    const { caller, region, requestId } = proof
    checkSignedFor(proof, call.service.model.signingName)
    const scope = { accountId: caller.accountId, region }
    const action = `${call.service.model.name}:${call.name}`
    const facts = { scope, caller, requestId, action }
    if (call.service.model.name === 'apigatewayv2') this.#parts.throttle?.take(scope, call.name)
    if (operation.kind === 'read') return this.#read(operation, input, facts)
    if (caller.readOnly) throw readOnly(facts)
    return this.#parts.writes.run(facts, (context) => operation.run(input as never, context))
  }

  #read(operation: ReadOperation, input: object, facts: CallFacts): Promise<object> {
    return this.#parts.store.read((reader) =>
      operation.run(input as never, {
        ...contextFacts(facts, this.#parts),
        records: reader.in(facts.scope),
        installation: reader.in(INSTALLATION),
      }),
    )
  }
}

/** A signature for one service says nothing about another. Throws a ServiceError. */
export function checkSignedFor({ signedFor }: Proof, signingName: string): void {
  if (signedFor === undefined || signedFor === signingName) return
  throw new ServiceError(
    'InvalidSignatureException',
    `Credential should be scoped to correct service: '${signingName}'.`,
  )
}

function readOnly({ caller, action }: CallFacts): ServiceError {
  return new ServiceError(
    'AccessDeniedException',
    `The access key ${caller.accessKeyId} is read-only: it is not authorized to perform ${action}.`,
  )
}
