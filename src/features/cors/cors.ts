/**
 * Managed CORS of an HTTP API
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html).
 *
 * First step of the pipeline. A preflight is answered here, with or without a matching route, and never reaches an
 * authorizer or an origin. Every other response of the API to an allowed origin gets the fields; the integration's own
 * are dropped (`Plan.responseDropFlags`).
 */

import type { CorsConfiguration } from '../../domain/http-api.ts'
import { ACCESS_CONTROL_REQUEST_METHOD, ORIGIN } from '../../http/message/known-headers.ts'
import { NEXT, RESPOND } from '../../invocation/outcome.ts'
import type { RunStep } from '../../invocation/plan.ts'
import { preflightBecause } from './preflight-because.ts'

/** The step that answers preflights and notes the fields of actual responses. */
export function compileCors(cors: CorsConfiguration): RunStep {
  const allowOrigin = compileOrigins(cors)
  const credentials = cors.allowCredentials ? field('allow-credentials', 'true') : ''
  const actual = credentials + listField('expose-headers', cors.exposeHeaders)
  const preflight =
    credentials +
    listField('allow-methods', cors.allowMethods) +
    listField('allow-headers', cors.allowHeaders) +
    (cors.maxAge === undefined ? '' : field('max-age', String(cors.maxAge)))
  const because = preflightBecause(cors, (origin) => allowOrigin(origin) !== '')
  return function runCors(x) {
    const { fields, method } = x.exchange.request
    const origin = fields.valueOf(ORIGIN)
    if (origin === '') return NEXT
    const allowed = allowOrigin(origin)
    if (method === 'OPTIONS' && fields.find(ACCESS_CONTROL_REQUEST_METHOD) !== -1) {
      x.status = 204
      x.replyBodiless = true
      x.because = because
      x.replyHeaders = allowed === '' ? '' : allowed + preflight
      return RESPOND
    }
    x.replyHeaders = allowed === '' ? '' : allowed + actual
    return NEXT
  }
}

/** From an Origin to the allow-origin field for it, with `vary` where the answer depends on it; '' when not allowed. */
function compileOrigins(cors: CorsConfiguration): (origin: string) => string {
  const exact = new Set(cors.allowOrigins.map((origin) => origin.toLowerCase()))
  // `https://*` and `http://*` allow every origin of the scheme.
  const schemes = cors.allowOrigins.filter((origin) => /^https?:\/\/\*$/.test(origin))
  if (exact.has('*') && !cors.allowCredentials) return () => field('allow-origin', '*')
  return (origin) => {
    const lower = origin.toLowerCase()
    const allowed =
      exact.has(lower) || schemes.some((scheme) => lower.startsWith(scheme.slice(0, -1)))
    return allowed ? `${field('allow-origin', origin)}vary: Origin\r\n` : ''
  }
}

function listField(name: string, values: readonly string[]): string {
  return values.length === 0 ? '' : field(name, values.join(','))
}

function field(name: string, value: string): string {
  return `access-control-${name}: ${value}\r\n`
}
