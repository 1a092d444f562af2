/**
 * What an AWS service is made of here: a model, and one function for each operation.
 *
 * An operation is `(request, context) => response`, over one transaction of the store. It may be run again when the
 * batch of writes that it was part of could not go live as a whole, so it has no effect but its writes, and takes time
 * and ids from the context. Errors are thrown as `ServiceError`.
 */

import type { Signer } from '../aws/iam-identity/signer.ts'
import type { ServiceError } from '../aws/service-error.ts'
import type { ServiceModel } from '../aws/service-model.ts'
import type { ReadTruststore } from '../certificates/truststore.ts'
import type { Limits } from '../domain/limits.ts'
import type { LinkedAgent } from '../domain/linked-agent.ts'
import type { ServedApis } from '../domain/served-apis.ts'
import type { TargetHealthReader } from '../domain/target-health.ts'
import type { ExplainAnswer, ExplainQuery } from '../observability/explain/explained-call.ts'
import type { AuditQuery, AuditRecord, Records, Scope, WritableRecords } from '../storage/store.ts'

/** Who calls, as the signature has proved. */
export interface Caller {
  readonly accountId: string
  readonly accessKeyId: string
  /** May call what only reads. */
  readonly readOnly: boolean
  readonly sourceIp: string
  /** An identity of IAM, which may what its policies say; undefined: the account itself, which may everything. */
  readonly signer?: Signer
}

export interface ReadContext {
  readonly scope: Scope
  readonly records: Records
  readonly caller: Caller
  readonly requestId: string
  readonly settings: ServiceSettings
  /** The time of the call. */
  readonly now: Date
  /** Records that belong to the installation: access keys. */
  readonly installation: Records
  readonly audit: AuditReader
  /** What is being served at this moment. */
  readonly served: () => ServedApis
  /** What became of calls of the data plane; undefined: nobody keeps that. */
  readonly explain?: ((query: ExplainQuery) => ExplainAnswer) | undefined
  /** What workers have seen of targets; undefined: nobody balances. */
  readonly targetHealth?: TargetHealthReader | undefined
  /** Agents of VPC links that are connected; undefined: nobody serves any. */
  readonly linkedAgents?: (() => readonly LinkedAgent[]) | undefined
}

export interface AuditReader {
  readonly log: (query: AuditQuery) => Promise<readonly AuditRecord[]>
  /** See `Store.verifyAuditLog`. */
  readonly verify: () => Promise<number | undefined>
}

export interface WriteContext extends ReadContext {
  readonly records: WritableRecords
  readonly installation: WritableRecords
  /** Lower-case letters and digits, random. */
  readonly newId: (length: number) => string
  /** No stage anywhere has this API id. */
  readonly isApiIdFree: (apiId: string) => Promise<boolean>
  /** Nobody has this custom domain name, and no other account one that covers it or is covered by it. */
  readonly isDomainNameFree: (domainName: string) => Promise<boolean>
}

/** What operators decide that operations need to know. */
export interface ServiceSettings {
  readonly limitProfile: 'aws' | 'extended'
  readonly limits: Limits
  /** Base of an API's own address: `https://{apiId}.execute-api.{region}.amazonaws.com` on AWS. */
  readonly apiEndpoint: (apiId: string, region: string) => string
  /** Reads a truststore from where the operator lets it be read; undefined: nowhere. */
  readonly readTruststore?: ReadTruststore
  /** Hosts of instances, by their ids: `i-0123456789abcdef0`. */
  readonly instances?: Readonly<Record<string, string>>
}

/** What an operation knows that takes its time: it reads when it needs to, and holds no view meanwhile. */
export interface DecideContext extends Omit<ReadContext, 'records' | 'installation'> {
  readonly read: <T>(work: (context: ReadContext) => Promise<T>) => Promise<T>
}

/** An answer, or what is left to be written; that may run again, the deciding before it has run once. */
export type Decision<Output> =
  | { readonly answer: Output }
  | { readonly commit: (context: WriteContext) => Promise<Output | Refused> }

/** A refusal whose writes stay: what has been tried counts. */
export class Refused {
  readonly error: ServiceError

  constructor(error: ServiceError) {
    this.error = error
  }
}

/** One operation; `kind` follows from whether it may write, and from whether its work would hold up other writes. */
export type Operation<Input, Output> =
  | { readonly kind: 'read'; readonly run: (input: Input, context: ReadContext) => Promise<Output> }
  | {
      readonly kind: 'write'
      readonly run: (input: Input, context: WriteContext) => Promise<Output>
    }
  | {
      readonly kind: 'decide'
      readonly run: (input: Input, context: DecideContext) => Promise<Decision<Output>>
    }

// biome-ignore format: one line
export type AnyOperation = Operation<never, object>

/** An operation of the model that is not built: which feature will bring it. */
export interface UnsupportedOperation {
  readonly kind: 'unsupported'
  /** `WebSocket APIs`. */
  readonly feature: string
}

export interface Service {
  readonly model: ServiceModel
  /** Every operation of the model. */
  readonly operations: Readonly<Record<string, AnyOperation | UnsupportedOperation>>
  /** Its records are of an account and of no region. */
  readonly isGlobal?: true
  /** Where a call of one of the model's public operations works: nobody has signed for an account. */
  readonly scopeOf?: (operation: string, input: object) => Promise<Scope>
}

export function read<Input, Output>(
  run: (input: Input, context: ReadContext) => Promise<Output>,
): Operation<Input, Output> {
  return { kind: 'read', run }
}

export function decide<Input, Output>(
  run: (input: Input, context: DecideContext) => Promise<Decision<Output>>,
): Operation<Input, Output> {
  return { kind: 'decide', run }
}

export function write<Input, Output>(
  run: (input: Input, context: WriteContext) => Promise<Output>,
): Operation<Input, Output> {
  return { kind: 'write', run }
}
