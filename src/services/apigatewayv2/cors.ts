/**
 * CORS of an API, as CreateApi and UpdateApi take it: checked by the rules that definitions have too.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */

import type { Cors } from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import { CORS_LISTS, CORS_MAX_AGE, type CorsListName } from '../../domain/cors-rules.ts'

const MEMBERS = {
  AllowHeaders: 'allowHeaders',
  AllowMethods: 'allowMethods',
  AllowOrigins: 'allowOrigins',
  ExposeHeaders: 'exposeHeaders',
} as const satisfies Partial<Record<keyof Cors, CorsListName>>

/** The configuration as it is stored: whole, methods in capitals, members that were left out left out. */
export function checkedCors(cors: Cors): Cors {
  const AllowMethods = cors.AllowMethods?.map((method) => method.toUpperCase())
  const checked: Cors = { AllowCredentials: false, ...cors, ...(AllowMethods && { AllowMethods }) }
  checkLists(checked)
  checkMaxAge(checked.MaxAge)
  if (checked.AllowCredentials === true && checked.AllowOrigins?.includes('*')) {
    throw invalid("allow-credentials is not supported for origin '*'. Name the origins instead")
  }
  return checked
}

function checkLists(cors: Cors): void {
  for (const member of Object.keys(MEMBERS) as (keyof typeof MEMBERS)[]) {
    const rule = CORS_LISTS[MEMBERS[member]]
    const wrong = cors[member]?.find((entry) => !rule.isValid(entry))
    if (wrong === undefined) continue
    throw invalid(`${MEMBERS[member]}: "${wrong}" is not ${rule.noun}. ${rule.mend}`)
  }
}

function checkMaxAge(seconds: number | undefined): void {
  const { least, most } = CORS_MAX_AGE
  if (seconds === undefined || (seconds >= least && seconds <= most)) return
  throw invalid(`maxAge: ${seconds} is not from ${least} to ${most} seconds`)
}

function invalid(reason: string): ServiceError {
  return new ServiceError('BadRequestException', `Invalid CORS configuration specified: ${reason}`)
}
