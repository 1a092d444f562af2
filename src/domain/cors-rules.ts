/**
 * What the members of a CORS configuration may hold, wherever it is written: in a definition, or in a call of the
 * management API.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */

const METHODS = new Set(['*', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])
const TOKEN = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/(?:\*|[^\s/?#@*]+)$/i

export interface CorsListRule {
  isValid(entry: string): boolean
  readonly noun: string
  readonly mend: string
}

const HEADERS: CorsListRule = {
  isValid: (entry) => TOKEN.test(entry),
  noun: 'the name of a header',
  mend: 'Write one header name for each entry, or "*".',
}

export const CORS_LISTS = {
  allowOrigins: {
    isValid: (entry) => entry === '*' || ORIGIN.test(entry),
    noun: 'an origin',
    mend: 'Write scheme, host and port without a slash at the end: https://shop.example, or "*".',
  },
  allowMethods: {
    isValid: (entry) => METHODS.has(entry),
    noun: 'a method',
    mend: 'Write GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS, in capitals, or "*".',
  },
  allowHeaders: HEADERS,
  exposeHeaders: HEADERS,
} as const satisfies Record<string, CorsListRule>

export type CorsListName = keyof typeof CORS_LISTS

/** Least and most of `maxAge`, in seconds; -1 asks browsers not to keep the answer. */
export const CORS_MAX_AGE = { least: -1, most: 86_400 } as const
