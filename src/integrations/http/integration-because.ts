/** What `postern explain` says of a call that its integration did not answer, or not in a way that could be passed on. */

import type { Integration } from '../../domain/http-api.ts'
import type { Because } from '../../invocation/because.ts'
import type { Invocation } from '../../invocation/invocation.ts'

export interface IntegrationBounds {
  readonly bytesMax: number
  readonly idleTimeoutMs: number
  /** Of one worker. */
  readonly connections: number
  readonly waiting: number
}

export function integrationBecause(integration: Integration, bounds: IntegrationBounds): Because {
  const { integrationUri, timeoutInMillis, listenerArn, vpcLinkId } = integration
  const through = vpcLinkId === undefined ? '' : ` through VPC link ${vpcLinkId}`
  const rule = `integration ${listenerArn ?? integrationUri}${through}`
  return (x) => ({ rule, seen: x.detail, passes: passesOf(x, timeoutInMillis, bounds) })
}

function passesOf(x: Invocation, timeoutMs: number, bounds: IntegrationBounds): string {
  const { limits } = x.stageContext.services
  switch (x.reasonCode) {
    case 'INTEGRATION_UNREACHABLE':
      return `an address that resolves and accepts within ${limits.connectTimeoutMs} ms, with a certificate that holds where it is https`
    case 'NO_TARGET':
      return 'a listener whose rules lead to a target group with a target that is well; postern explains the states of targets as aws elbv2 describe-target-health does'
    case 'TARGETS_BUSY':
      return 'a target with room for one more call, or a higher cap'
    case 'LINK_UNAVAILABLE':
      return 'an agent of the link that is connected: postern links shows which are known, postern link starts one'
    case 'LINK_TARGET_REFUSED':
      return 'a host, port and path that the link allows for this stage: postern links show, postern links allow --allow HOST:PORT[/PATH]'
    case 'INTEGRATION_TIMEOUT':
      return `the head of an answer within timeoutInMillis (${timeoutMs} ms), or a longer one`
    case 'INTEGRATION_RESPONSE_TOO_LARGE':
      return `at most ${bounds.bytesMax} bytes, ${limits.bufferedBodyBytes} where a mapping reads the body; limits responseBodyBytes, bufferedBodyBytes`
    case 'OVERLOADED':
      return `one of ${bounds.connections} connections of the worker free within ${limits.connectTimeoutMs} ms, at most ${bounds.waiting} calls in its queue; limits originConnections, originWaiting, --origin-limit`
    case 'REQUEST_TOO_LARGE':
      return `at most ${limits.requestBodyBytes} bytes; limit requestBodyBytes`
    case 'REQUEST_TIMEOUT':
      return `a body that comes faster: no pause of ${limits.bodyTimeoutMs} ms, ${limits.bodyBytesPerSecondMin} bytes a second`
    case 'BODY_INVALID':
      return 'a body as its Content-Length or its chunks say (RFC 9112 §6, §7)'
    case undefined:
      return `a response that goes on: no pause of ${bounds.idleTimeoutMs} ms, ended as HTTP says`
    default:
      return 'a complete HTTP/1.1 response (RFC 9112)'
  }
}
