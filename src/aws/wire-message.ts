/** A request and a response of a management API as they stand on the wire, apart from any server or client. */

export interface WireRequest {
  readonly method: string
  /** Path and query as received: `/v2/apis?maxResults=5`. */
  readonly target: string
  /** Name and value, in the order of the wire; names as received. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array
}

export interface WireResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}
