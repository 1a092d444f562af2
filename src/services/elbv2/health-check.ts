/**
 * Health checks of target groups: defaults by protocol, and what may be set.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */

import type { CreateTargetGroupInput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { invalid, notSupported } from './errors.ts'

export type HealthCheckInput = Pick<
  CreateTargetGroupInput,
  | 'HealthCheckProtocol'
  | 'HealthCheckPort'
  | 'HealthCheckEnabled'
  | 'HealthCheckPath'
  | 'HealthCheckIntervalSeconds'
  | 'HealthCheckTimeoutSeconds'
  | 'HealthyThresholdCount'
  | 'UnhealthyThresholdCount'
  | 'Matcher'
>

const HTTP_DEFAULTS = {
  HealthCheckTimeoutSeconds: 5,
  HealthyThresholdCount: 5,
  UnhealthyThresholdCount: 2,
}
const TCP_DEFAULTS = {
  HealthCheckTimeoutSeconds: 10,
  HealthyThresholdCount: 5,
  UnhealthyThresholdCount: 2,
}

/** For a group of this protocol. Throws for what may not be. */
export function healthCheckOf(input: HealthCheckInput, protocol: string): HealthCheckInput {
  const isHttpGroup = protocol === 'HTTP' || protocol === 'HTTPS'
  const check = {
    HealthCheckProtocol: input.HealthCheckProtocol ?? (isHttpGroup ? protocol : 'TCP'),
    HealthCheckPort: input.HealthCheckPort ?? 'traffic-port',
    HealthCheckEnabled: input.HealthCheckEnabled ?? true,
    HealthCheckIntervalSeconds: input.HealthCheckIntervalSeconds ?? 30,
    ...(isHttpGroup ? HTTP_DEFAULTS : TCP_DEFAULTS),
    ...numbersOf(input),
  } as HealthCheckInput
  const checked = { ...check, ...httpPartOf(input, check.HealthCheckProtocol!) }
  refuseWrong(checked, isHttpGroup)
  return checked
}

function numbersOf(input: HealthCheckInput): Partial<HealthCheckInput> {
  const { HealthCheckTimeoutSeconds, HealthyThresholdCount, UnhealthyThresholdCount } = input
  const numbers = { HealthCheckTimeoutSeconds, HealthyThresholdCount, UnhealthyThresholdCount }
  return Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined))
}

/** Path and matcher are of HTTP alone. */
function httpPartOf(
  { HealthCheckPath, Matcher }: HealthCheckInput,
  protocol: string,
): Partial<HealthCheckInput> {
  if (protocol === 'HTTP' || protocol === 'HTTPS') {
    if (Matcher?.GrpcCode) throw notSupported('A gRPC matcher')
    return {
      HealthCheckPath: HealthCheckPath ?? '/',
      Matcher: { HttpCode: Matcher?.HttpCode ?? '200' },
    }
  }
  if (HealthCheckPath === undefined && Matcher?.HttpCode === undefined) return {}
  throw invalid(
    `Health check paths and matchers are not for health checks with the protocol ${protocol}`,
  )
}

function refuseWrong(check: HealthCheckInput, isHttpGroup: boolean): void {
  const { HealthCheckProtocol: protocol, HealthCheckPort: port = '', HealthCheckPath: path } = check
  const isKnown = ['HTTP', 'HTTPS', 'TCP'].includes(protocol ?? '')
  if (!isKnown || (isHttpGroup && protocol === 'TCP')) {
    throw invalid(`Health check protocol '${protocol}' is not supported for this target group`)
  }
  if (check.HealthCheckEnabled === false) {
    throw invalid(
      "Health check enabled must be true for target groups with target type 'instance' or 'ip'",
    )
  }
  const isPort =
    port === 'traffic-port' || (/^\d{1,5}$/.test(port) && +port >= 1 && +port <= 65_535)
  if (!isPort)
    throw invalid(`Health check port '${port}' must be 'traffic-port' or in the range 1 to 65535`)
  if (path !== undefined && !/^\/[!-~]{0,1023}$/.test(path)) {
    throw invalid(
      `Health check path '${path.slice(0, 200)}' must begin with a '/' character and have no spaces`,
    )
  }
  if (check.HealthCheckTimeoutSeconds! >= check.HealthCheckIntervalSeconds! && isHttpGroup) {
    throw invalid('Health check interval must be greater than the timeout.')
  }
  const matcher = check.Matcher?.HttpCode
  if (matcher !== undefined) refuseMatcher(matcher)
}

/** `200`, `200,301`, `200-399`. */
function refuseMatcher(matcher: string): void {
  const isRight = matcher.split(',').every((part) => {
    const [, from, to] = /^(\d{3})(?:-(\d{3}))?$/.exec(part) ?? []
    if (from === undefined) return false
    return +from >= 200 && +(to ?? from) <= 599 && +from <= +(to ?? from)
  })
  if (isRight) return
  throw invalid(
    `Health check matcher HTTP code '${matcher.slice(0, 100)}' must be within '200-599' inclusive`,
  )
}
