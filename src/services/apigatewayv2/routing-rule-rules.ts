/**
 * What a routing rule may be: up to two conditions on header fields and one on the base path, and one action.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-routing-rules.html
 */

import type {
  RoutingRuleAction,
  RoutingRuleCondition,
  RoutingRuleMatchHeaderValue,
} from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import type { RoutingRuleRecord } from './records.ts'

const HEADER_CONDITIONS_MAX = 2
/** Of one condition. */
const ALTERNATIVES_MAX = 10
const NAME_CHARACTERS_MAX = 39
const VALUE_CHARACTERS_MAX = 127
const INFIX_CHARACTERS_MAX = 39
const BASE_PATH_CHARACTERS_MAX = 127

const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/
/** The visible characters of RFC 9110 §5.5, and the space between them; `*` at the ends only. */
const GLOB = /^\*?[!-)+-~]?(?:[ -)+-~]*[!-)+-~])?\*?$/
const SEGMENT = /^[A-Za-z0-9$\-_.+!*'(),]+$/
/** Fields that the gateway itself reads or writes, or that say who calls. */
const RESERVED =
  /^(?:access-control-.*|apigw-.*|authorization|connection|content-(?:encoding|length|location)|forwarded|host|keep-alive|origin|proxy-.*|te|trailers?|transfer-encoding|upgrade|via|x-amz-.*|x-amzn-.*|x-apigw-api-id|x-forwarded-.*|x-postern-.*|x-restapi)$/

/** Throws unless the conditions are as AWS takes them. */
export function checkConditions(conditions: readonly RoutingRuleCondition[]): void {
  const headers: RoutingRuleCondition[] = []
  const basePaths: RoutingRuleCondition[] = []
  for (const condition of conditions) {
    const { MatchHeaders, MatchBasePaths } = condition
    if ((MatchHeaders === undefined) === (MatchBasePaths === undefined)) {
      throw badRequest('A condition has either matchHeaders or matchBasePaths')
    }
    const isOfHeaders = MatchHeaders !== undefined
    ;(isOfHeaders ? headers : basePaths).push(condition)
    const { AnyOf } = MatchHeaders ?? MatchBasePaths!
    checkCount(AnyOf?.length ?? 0)
  }
  if (headers.length > HEADER_CONDITIONS_MAX || basePaths.length > 1) {
    throw badRequest(
      `A routing rule has at most ${HEADER_CONDITIONS_MAX} conditions on headers and one on base paths`,
    )
  }
  for (const value of headers.flatMap(({ MatchHeaders }) => MatchHeaders!.AnyOf!))
    checkHeader(value)
  for (const path of basePaths.flatMap(({ MatchBasePaths }) => MatchBasePaths!.AnyOf!)) {
    checkBasePath(path)
  }
}

function checkCount(count: number): void {
  if (count >= 1 && count <= ALTERNATIVES_MAX) return
  throw badRequest(`anyOf of a condition has from 1 to ${ALTERNATIVES_MAX} entries, not ${count}`)
}

function checkHeader({ Header = '', ValueGlob = '' }: RoutingRuleMatchHeaderValue): void {
  if (!TOKEN.test(Header) || Header.length > NAME_CHARACTERS_MAX) {
    throw badRequest(
      `Invalid header of a condition: ${Header.slice(0, 60)}. It is a field name of at most ${NAME_CHARACTERS_MAX} characters`,
    )
  }
  if (RESERVED.test(Header.toLowerCase())) {
    throw badRequest(`The header ${Header} cannot be used in a routing rule`)
  }
  const text = ValueGlob.replace(/^\*/, '').replace(/\*$/, '')
  const isInfix = ValueGlob.length > 1 && ValueGlob.startsWith('*') && ValueGlob.endsWith('*')
  if (text === '' || !GLOB.test(ValueGlob)) {
    throw badRequest(
      `Invalid valueGlob of a condition: ${ValueGlob.slice(0, 140)}. It is a text with * only at its start, at its end, or both`,
    )
  }
  const max = isInfix ? INFIX_CHARACTERS_MAX : VALUE_CHARACTERS_MAX
  if (text.length > max) throw badRequest(`A valueGlob of this form has at most ${max} characters`)
}

function checkBasePath(path: string): void {
  const segments = path.split('/')
  const isPath = segments.every(
    (segment) => SEGMENT.test(segment) && segment !== '.' && segment !== '..',
  )
  if (isPath && path.length <= BASE_PATH_CHARACTERS_MAX) return
  throw badRequest(
    `Invalid base path of a condition: ${path.slice(0, 140)}. It is one or more path segments without slashes around ` +
      `them, of letters, numbers and $-_.+!*'(), with at most ${BASE_PATH_CHARACTERS_MAX} characters`,
  )
}

/** The one action of a rule. */
export function checkedAction(
  actions: readonly RoutingRuleAction[],
): RoutingRuleRecord['Actions'][0]['InvokeApi'] {
  const [action] = actions
  if (action?.InvokeApi === undefined || actions.length > 1) {
    throw badRequest('A routing rule has exactly one action, invokeApi')
  }
  const { ApiId, Stage, StripBasePath = false } = action.InvokeApi
  return { ApiId: ApiId!, Stage: Stage!, StripBasePath }
}

function badRequest(message: string): ServiceError {
  return new ServiceError('BadRequestException', message)
}
