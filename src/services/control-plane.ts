/**
 * One call of a management API, from the request that a signature has proved to the response.
 *
 * dispatcher (which operation, with which input) → may this key do it → the operation over the store → codec. Reads get
 * a consistent view and never wait; writes go through the queue. The one place where `ServiceError` becomes an answer.
 */

import { ServiceError } from '../aws/service-error.ts'
import type { WireRequest, WireResponse } from '../aws/wire-message.ts'
import { INSTALLATION, type Reader } from '../storage/store.ts'
import { StoreUnusable } from '../storage/store-unusable.ts'
import { authorizeCall } from './authorize-call.ts'
import type { ControlThrottle } from './control-throttle.ts'
import { type Call, type Dispatcher, encodeFailure, encodeSuccess } from './dispatcher.ts'
import { GLOBAL_REGION } from './iam/records.ts'
import { type AnyOperation, type Caller, type ReadContext, Refused } from './service.ts'
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
  /** Nobody has proved anything: only what everybody may call. */
  readonly stranger?: true
}

type ReadOperation = Extract<AnyOperation, { kind: 'read' }>
type DecideOperation = Extract<AnyOperation, { kind: 'decide' }>

/** Who calls when nobody has signed; the audit log names him so. */
const STRANGER = { accountId: '', accessKeyId: 'public', readOnly: false }

export function strangerProof(requestId: string, sourceIp: string): Proof {
  const caller = { ...STRANGER, sourceIp }
  return { caller, region: '', requestId, signedFor: undefined, stranger: true }
}

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

  async #run(call: Call, proof: Proof): Promise<object> {
    const { operation, input, service } = call
    const noting = <T>(work: () => Promise<T>) => this.#noting(call, proof, work)
    const facts = await noting(() => this.#facts(call, proof))
    if (service.model.name === 'apigatewayv2') this.#parts.throttle?.take(facts.scope, call.name)
    if (operation.kind === 'read') return noting(() => this.#read(operation, input, facts))
    if (facts.caller.readOnly) return noting(() => Promise.reject(readOnly(facts)))
    if (operation.kind === 'decide') return this.#decide(operation, input, facts)
    return this.#parts.writes.run(facts, (context) => operation.run(input as never, context))
  }

  /** Tells the audit log who was denied what. Writes tell it themselves, once they are let in. */
  async #noting<T>({ service, name }: Call, proof: Proof, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof ServiceError && proof.stranger !== true) {
        const { caller, requestId } = proof
        const action = `${service.model.name}:${name}`
        this.#parts.denied?.note({ caller, requestId, sourceIp: caller.sourceIp, action, error })
      }
      throw error
    }
  }

  /** In which account and region the call works: the caller's, or of what everybody may call, where that says. */
  async #facts({ service, name, input, operation }: Call, proof: Proof): Promise<CallFacts> {
    const { caller, region, requestId } = proof
    const action = `${service.model.name}:${name}`
    if (service.model.operations[name]?.public === true && service.scopeOf !== undefined) {
      const scope = await service.scopeOf(name, input)
      const { sourceIp } = caller
      const stranger = { ...STRANGER, accountId: scope.accountId, sourceIp }
      return { scope, caller: stranger, requestId, action }
    }
    if (proof.stranger === true) throw notSigned()
    checkSignedFor(proof, service.model.signingName)
    const { accountId } = caller
    await this.#authorize({ service, name, input, operation }, proof)
    const scope = { accountId, region: service.isGlobal ? GLOBAL_REGION : region }
    return { scope, caller, requestId, action }
  }

  async #authorize(call: Call, { caller, region }: Proof): Promise<void> {
    const { signer, accountId, sourceIp } = caller
    if (signer === undefined) return
    const { store, now } = this.#parts
    const scope = { accountId, region }
    await store.read((reader) => {
      const records = reader.in({ accountId, region: GLOBAL_REGION })
      return authorizeCall({ call, signer, scope, sourceIp, now: now(), records })
    })
  }

  async #decide(operation: DecideOperation, input: object, facts: CallFacts): Promise<object> {
    const decision = await operation.run(input as never, {
      ...contextFacts(facts, this.#parts),
      read: (work) => this.#parts.store.read((reader) => work(this.#reading(reader, facts))),
    })
    if ('answer' in decision) return decision.answer
    const output = await this.#parts.writes.run(facts, (context) => decision.commit(context))
    if (output instanceof Refused) throw output.error
    return output
  }

  #read(operation: ReadOperation, input: object, facts: CallFacts): Promise<object> {
    return this.#parts.store.read((reader) =>
      operation.run(input as never, this.#reading(reader, facts)),
    )
  }

  #reading(reader: Reader, facts: CallFacts): ReadContext {
    return {
      ...contextFacts(facts, this.#parts),
      records: reader.in(facts.scope),
      installation: reader.in(INSTALLATION),
    }
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

function notSigned(): ServiceError {
  return new ServiceError(
    'MissingAuthenticationTokenException',
    'This operation takes signed calls only, on the control port.',
  )
}

function readOnly({ caller, action }: CallFacts): ServiceError {
  return new ServiceError(
    'AccessDeniedException',
    `The access key ${caller.accessKeyId} is read-only: it is not authorized to perform ${action}.`,
  )
}
