// hot path — see STYLE §8
/** The place of one call in its trace, and the header fields that tell the origin about it. */

import type { RemoteContext } from './remote-context.ts'
import { newSpanId } from './trace-ids.ts'

/** Formats of those fields; a set is the sum of its members. */
export const TRACE_FORMATS = { w3c: 1, xray: 2, b3: 4, b3multi: 8 } as const
export type TraceFormat = keyof typeof TRACE_FORMATS

/** Names of the fields that each format writes, in lower case. */
export const FIELDS_OF_FORMAT: Readonly<Record<TraceFormat, readonly string[]>> = {
  w3c: ['traceparent', 'tracestate'],
  xray: ['x-amzn-trace-id'],
  b3: ['b3'],
  b3multi: ['x-b3-traceid', 'x-b3-spanid', 'x-b3-sampled'],
}

export class CallTrace {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** The caller's span, or ''. */
  readonly parentId: string
  /** The gateway's own span. */
  readonly spanId: string
  /** The span that the origin sees as its parent: that of the integration where there is one, else the gateway's. */
  readonly originParentId: string
  readonly sampled: boolean
  readonly traceState: string

  /** `traceId` is the one to go on with: the caller's, or a new one. */
  constructor(remote: RemoteContext | undefined, traceId: string, sampled: boolean) {
    this.traceId = traceId
    this.parentId = remote?.parentId ?? ''
    this.spanId = newSpanId()
    this.originParentId = sampled ? newSpanId() : this.spanId
    this.sampled = sampled
    this.traceState = remote?.traceState ?? ''
  }

  /** `1-5759e988-bd862e3fe1be46a994272793`, as X-Ray writes the id. */
  get root(): string {
    return `1-${this.traceId.slice(0, 8)}-${this.traceId.slice(8)}`
  }

  /** Header block for the origin. */
  fields(formats: number): string {
    const { traceId, originParentId, sampled, traceState } = this
    let block = ''
    if ((formats & TRACE_FORMATS.w3c) !== 0) {
      block = `traceparent: 00-${traceId}-${originParentId}-${sampled ? '01' : '00'}\r\n`
      if (traceState !== '') block += `tracestate: ${traceState}\r\n`
    }
    if ((formats & TRACE_FORMATS.xray) !== 0) {
      block += `x-amzn-trace-id: Root=${this.root};Parent=${originParentId};Sampled=${sampled ? 1 : 0}\r\n`
    }
    if ((formats & TRACE_FORMATS.b3) !== 0) {
      block += `b3: ${traceId}-${originParentId}-${sampled ? 1 : 0}\r\n`
    }
    if ((formats & TRACE_FORMATS.b3multi) !== 0) {
      block += `x-b3-traceid: ${traceId}\r\nx-b3-spanid: ${originParentId}\r\nx-b3-sampled: ${sampled ? 1 : 0}\r\n`
    }
    return block
  }
}
