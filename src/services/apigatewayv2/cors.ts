/**
 * CORS of an API, as CreateApi and UpdateApi take it and as it goes live: checked by the rules that definitions have too.
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
  const problem = findCorsProblem(checked)
  if (problem === undefined) return checked
  throw new ServiceError('BadRequestException', `Invalid CORS configuration specified: ${problem}`)
}

/** The first fault; undefined when there is none. */
export function findCorsProblem(cors: Cors): string | undefined {
  const problem = findListProblem(cors) ?? findMaxAgeProblem(cors.MaxAge)
  if (problem !== undefined) return problem
  if (cors.AllowCredentials !== true || !cors.AllowOrigins?.includes('*')) return undefined
  return "allow-credentials is not supported for origin '*'. Name the origins instead"
}

function findListProblem(cors: Cors): string | undefined {
  for (const member of Object.keys(MEMBERS) as (keyof typeof MEMBERS)[]) {
    const rule = CORS_LISTS[MEMBERS[member]]
    const wrong = cors[member]?.find((entry) => !rule.isValid(entry))
    if (wrong !== undefined) {
      return `${MEMBERS[member]}: "${wrong}" is not ${rule.noun}. ${rule.mend}`
    }
  }
  return undefined
}

function findMaxAgeProblem(seconds: number | undefined): string | undefined {
  const { least, most } = CORS_MAX_AGE
  if (seconds === undefined || (seconds >= least && seconds <= most)) return undefined
  return `maxAge: ${seconds} is not from ${least} to ${most} seconds`
}
