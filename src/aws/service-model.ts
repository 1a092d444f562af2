/**
 * The operations and shapes of one AWS service as a compact table.
 *
 * Made from the official `@aws-sdk/client-*` package by `tools/generate-service-model.ts`, or written by hand for a
 * service of our own; read by the protocol codecs and the dispatcher.
 * https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */

export interface ServiceModel {
  /** `apigatewayv2`: the last part of the package's name. */
  readonly name: string
  /** The service of the credential scope: `apigateway`. */
  readonly signingName: string
  readonly apiVersion: string
  readonly protocol: 'rest-json' | 'json-1.1' | 'query'
  /** `X-Amz-Target` is this, a dot and the operation (JSON 1.1 only). */
  readonly targetPrefix?: string
  /** Of responses (Query only). */
  readonly xmlNamespace?: string
  readonly operations: Readonly<Record<string, OperationModel>>
  readonly shapes: Readonly<Record<string, StructureShape>>
}

export interface OperationModel {
  readonly method: string
  /** With labels: `/v2/apis/{ApiId}/routes/{RouteId}`; `{Proxy+}` takes the rest of the path. */
  readonly uri: string
  /** Status of a success. */
  readonly status: number
  /** Name of a structure in `shapes`; undefined: no members. */
  readonly input?: string
  readonly output?: string
  /** Everybody may call it; its clients sign nothing. */
  readonly public?: true
}

export interface StructureShape {
  /** In the order of the model, which is also the order in which violations are told. */
  readonly members: Readonly<Record<string, MemberShape>>
  readonly required: readonly string[]
  /** An error: its status. */
  readonly error?: number
  /** Exactly one member is set. */
  readonly union?: true
}

/** A member: what it is, and where it travels. The default place is the body, under `jsonName` or its own name. */
export interface MemberShape {
  readonly type: Shape
  readonly jsonName?: string
  /** In forms and XML (Query only), where it is not that of the model. */
  readonly xmlName?: string
  /** `query-map`: each entry of a map is a query parameter of its own. */
  readonly place?: 'label' | 'query' | 'query-map' | 'header' | 'payload' | 'status'
  /** Name of the query parameter or header field. */
  readonly name?: string
  readonly constraint?: Constraint
}

/** `sparse`: elements may be null. `flat` (Query only): there is no element around the entries. */
export type Shape =
  | { readonly kind: 'string'; readonly values?: readonly string[] }
  | { readonly kind: 'integer' | 'long' | 'float' | 'double' | 'boolean' | 'document' }
  | { readonly kind: 'timestamp'; readonly format: 'date-time' | 'epoch-seconds' | 'http-date' }
  | { readonly kind: 'blob'; readonly streaming?: true }
  | { readonly kind: 'list'; readonly member: Shape; readonly sparse?: true; readonly flat?: true }
  | { readonly kind: 'map'; readonly value: Shape; readonly sparse?: true; readonly flat?: true }
  | { readonly kind: 'structure'; readonly name: string }

/** What the packages do not tell about a member; see `constraints.ts`. */
export interface Constraint {
  /** Characters of a string, elements of a list, entries of a map: at least, at most. */
  readonly length?: readonly [min: number, max: number]
  /** Of a number: at least, at most. */
  readonly range?: readonly [min: number, max: number]
  /** Regular expression for the whole string. */
  readonly pattern?: string
  /** The packages do not tell kinds of numbers apart: this one is a 32-bit integer. */
  readonly integer?: true
  /** For each key of a map. */
  readonly keys?: Constraint
  /** For each element of a list or value of a map. */
  readonly values?: Constraint
}
