// hot path — see STYLE §8
/**
 * A request head that has been parsed and validated: the one view that routing, authorization, logs and the origin
 * request share.
 */

import { HeaderFields } from './header-fields.ts'

export class RequestHead {
  /** Case-sensitive token (RFC 9110 §9.1). */
  method = ''
  /** Path of the target as sent: begins with `/`, or is `*`. Only ASCII, no fragment; not yet canonical. */
  path = ''
  /** Query as sent, without `?`; '' when there is none. */
  query = ''
  /** Host of the target URI (RFC 9112 §3.2): lower case, no port, no trailing dot; IPv6 keeps its brackets. */
  host = ''
  /** `host[:port]` as sent, lower case. */
  authority = ''
  /** 0 or 1: minor version of HTTP/1; 1 for HTTP/2. */
  minorVersion = 1
  readonly fields: HeaderFields

  constructor(headerCountMax: number) {
    this.fields = new HeaderFields(headerCountMax)
  }
}
