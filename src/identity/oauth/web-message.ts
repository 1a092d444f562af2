/** A request to the pages and endpoints of one user pool, and its answer, apart from any server. */

export interface WebRequest {
  readonly method: string
  readonly query: URLSearchParams
  /** `?` and the query as received, or ''. */
  readonly search: string
  /** Of a posted form; empty when none was posted. */
  readonly form: URLSearchParams
  /** Undefined: it is not there. Names in lower case. */
  readonly header: (name: string) => string | undefined
  readonly sourceIp: string
  /** The public address of the pool, without a slash at its end. */
  readonly base: string
}

export interface WebAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Values of `set-cookie`. */
  readonly cookies?: readonly string[]
  readonly body: string | Uint8Array
}

export function jsonAnswer(
  status: number,
  value: object,
  headers: Readonly<Record<string, string>> = {},
): WebAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8', ...PRIVATE, ...headers },
    body: JSON.stringify(value),
  }
}

export function redirectAnswer(location: string, cookies: readonly string[] = []): WebAnswer {
  return { status: 302, headers: { location, ...PRIVATE }, cookies, body: '' }
}

/** Tokens and codes belong into no cache. RFC 6749, 5.1. */
const PRIVATE = {
  'cache-control': 'no-store',
  pragma: 'no-cache',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
}

/** The value of one cookie; undefined when it is not there or there twice. */
export function cookieOf(request: WebRequest, name: string): string | undefined {
  const pairs = (request.header('cookie') ?? '').split(';').map((pair) => pair.trim())
  const values = pairs.filter((pair) => pair.startsWith(`${name}=`))
  return values.length === 1 ? values[0]!.slice(name.length + 1) : undefined
}
