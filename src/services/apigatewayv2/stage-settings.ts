/**
 * The settings of a stage that have rules: variables, route settings, access log. What may be stored; what is served
 * is decided when the stage goes live (`enforcement.ts`).
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename.html
 */

import type { AccessLogSettings, RouteSettings } from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import type { Limits } from '../../domain/limits.ts'
import {
  compileAccessLogFormat,
  FormatError,
} from '../../observability/access-log/access-log-format.ts'
import type { Records } from '../../storage/store.ts'
import { mergePatch } from './merge-patch.ts'
import type { RouteRecord } from './records.ts'

type ByRouteKey = Readonly<Record<string, RouteSettings>>

/** What AWS answers where nothing was set. */
export const PLAIN_ROUTE_SETTINGS: RouteSettings = { DetailedMetricsEnabled: false }

/** Settings for routes that are not there are refused, and so is what only WebSocket APIs have. */
export async function checkRouteSettings(
  records: Records,
  apiId: string,
  settings: ByRouteKey,
): Promise<void> {
  for (const each of Object.values(settings)) checkOneRoute(each)
  if (Object.keys(settings).length === 0) return
  const routes = await records.list<RouteRecord>('route', apiId)
  const known = new Set(routes.records.map(({ body }) => body.RouteKey))
  const unknown = Object.keys(settings).find((routeKey) => !known.has(routeKey))
  if (unknown !== undefined) throw noSuchRoute(unknown)
}

export function noSuchRoute(routeKey: string): ServiceError {
  return new ServiceError(
    'NotFoundException',
    `Unable to find Route by key ${routeKey} within the provided RouteSettings`,
  )
}

export function checkOneRoute(settings: RouteSettings): void {
  const {
    DataTraceEnabled,
    LoggingLevel = 'OFF',
    ThrottlingBurstLimit,
    ThrottlingRateLimit,
  } = settings
  if (DataTraceEnabled === true || LoggingLevel !== 'OFF') {
    throw invalid('Execution logs are not supported on protocolType HTTP')
  }
  if (ThrottlingBurstLimit !== undefined && ThrottlingBurstLimit < 0) {
    throw invalid('ThrottlingBurstLimit must not be negative')
  }
  if (ThrottlingRateLimit !== undefined && !(ThrottlingRateLimit >= 0)) {
    throw invalid('ThrottlingRateLimit must not be negative')
  }
}

/** `current` with what the call says; an empty object takes the access log away. Undefined: there is none. */
export function mergeAccessLog(
  current: AccessLogSettings | undefined,
  patch: AccessLogSettings | undefined,
  limits: Limits,
): AccessLogSettings | undefined {
  if (patch === undefined) return current
  const { DestinationArn, Format } = mergePatch(current ?? {}, patch)
  const isGone = !Object.values(patch).some((value) => value !== undefined && value !== '')
  if (isGone) return undefined
  if (Format === undefined) throw invalid('AccessLogSettings need a Format')
  checkFormat(Format, limits)
  if (DestinationArn === undefined) return { Format }
  if (!/^arn:[a-z-]+:(?:logs|firehose):/.test(DestinationArn)) {
    throw invalid(
      `Invalid ARN specified in the request: ${DestinationArn}. It must be of a log group or a delivery stream`,
    )
  }
  // The console copies ARNs of log groups with it; AWS stores them without.
  return { DestinationArn: DestinationArn.replace(/:\*$/, ''), Format }
}

function checkFormat(format: string, limits: Limits): void {
  try {
    compileAccessLogFormat(lineOfFormat(format), limits.accessLogFormatBytes)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw invalid(`Invalid access log format: ${error.message}. ${error.mend}`)
  }
}

/** Templates of infrastructure tools often end in a line feed, which AWS allows there and nowhere else. */
export function lineOfFormat(format: string): string {
  return format.replace(/\r?\n$/, '')
}

function invalid(message: string): ServiceError {
  return new ServiceError('BadRequestException', message)
}
