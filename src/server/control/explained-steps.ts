/**
 * The staircase of one call: its steps in order, what each went by, and where the time went.
 *
 * The clock is read where waiting begins and ends, not between any two steps: what takes microseconds is told as one
 * figure, at the last step before it.
 */

import type {
  ClientAllowance,
  HttpApiStage,
  Integration,
  Route,
  Throttle,
} from '../../domain/http-api.ts'
import type { Limits } from '../../domain/limits.ts'
import { accountThrottle } from '../../domain/throttle.ts'
import type { RecordedCall } from '../../observability/explain/call-reader.ts'
import type { ExplainedStep } from '../../observability/explain/explained-call.ts'
import { STEP_NAMES, type Step } from '../../observability/explain/steps.ts'

export interface StepFacts {
  readonly record: RecordedCall
  /** The one that decided. */
  readonly step: Step
  /** Undefined: none was found, or it is forgotten. */
  readonly stage: HttpApiStage | undefined
  readonly limits: Limits
}

/** What a step went by; undefined: nothing of the kind is configured. */
type Describe = (facts: StepFacts & { readonly stage: HttpApiStage }) => string | undefined

const DESCRIPTIONS: Readonly<Record<Step, Describe>> = {
  engine: ({ record }) => ((record.flags & 1) === 0 ? 'HTTP/1' : 'HTTP/2'),
  path: () => 'has one reading',
  host: ({ stage }) => `API ${stage.apiName} (${stage.apiId})`,
  stage: ({ stage }) => `${stage.stageName}, revision ${stage.revision}`,
  route: (facts) =>
    routeOf(facts)?.routeKey ?? `none of ${count(facts.stage.routes.length, 'route')}`,
  cors: ({ stage }) => {
    const cors = stage.corsConfiguration
    return cors === undefined ? undefined : `origins ${cors.allowOrigins.join(', ') || 'none'}`
  },
  overload: () => undefined,
  authorize: authorizerText,
  throttle: throttleText,
  quota: quotaText,
  admit: ({ limits }) => `at most ${limits.requestBodyBytes} bytes`,
  'map-request': (facts) => rulesText(integrationOf(facts)?.requestParameters),
  integrate: (facts) => integrationText(integrationOf(facts)),
  'map-response': (facts) => {
    const byStatus = integrationOf(facts)?.responseParameters ?? {}
    return rulesText(byStatus[String(facts.record.integrationStatus)])
  },
  respond: ({ record }) => count(record.responseBytes, 'byte'),
}

/** Every step, up to and behind the one that decided. */
export function explainedSteps(facts: StepFacts): ExplainedStep[] {
  const { record, step: deciding, stage } = facts
  const at = STEP_NAMES.indexOf(deciding)
  const times = timesOf(record, deciding)
  return STEP_NAMES.map((step, i) => {
    const what = stage === undefined ? '' : DESCRIPTIONS[step]({ ...facts, stage })
    const ms = times[step]
    const time = ms === undefined || ms < 0 ? {} : { ms }
    const wasRun = i < at || answersBehind(step, record)
    if (step === deciding) return { step, outcome: 'decided', what: what ?? '', ...time }
    if (!wasRun) return { step, outcome: 'unreached', what: '' }
    return { step, outcome: what === undefined ? 'absent' : 'passed', what: what ?? '', ...time }
  })
}

/** Behind a call of an integration that was answered the response side has run. */
function answersBehind(step: Step, { integrationStatus, reason }: RecordedCall): boolean {
  const behind = step === 'map-response' || step === 'respond'
  return behind && integrationStatus !== 0 && reason === 0
}

function timesOf(record: RecordedCall, deciding: Step): Partial<Record<Step, number>> {
  const { beforeIntegrationUs, integrationUs, totalUs, waitedUs } = record
  if (beforeIntegrationUs < 0) return totalUs <= 0 ? {} : { [deciding]: totalUs / 1_000 }
  const behindUs = totalUs - beforeIntegrationUs - Math.max(integrationUs, 0)
  return {
    admit: beforeIntegrationUs / 1_000,
    integrate: Math.max(integrationUs, 0) / 1_000,
    ...(integrationUs < 0 ? {} : { respond: Math.max(behindUs, 0) / 1_000 }),
    ...(waitedUs > 0 ? { authorize: waitedUs / 1_000 } : {}),
  }
}

function routeOf({ record, stage }: StepFacts): Route | undefined {
  return stage?.routes[record.routeIndex]
}

function integrationOf(facts: StepFacts): Integration | undefined {
  const route = routeOf(facts)
  return route === undefined ? undefined : facts.stage?.integrations[route.integrationId]
}

function authorizerText(facts: StepFacts): string | undefined {
  const authorization = routeOf(facts)?.authorization
  if (authorization === undefined) return undefined
  if (!('authorizerId' in authorization)) return 'AWS_IAM: a signature and its policies'
  const { authorizerId, scopes } = authorization
  const authorizer = facts.stage?.authorizers?.[authorizerId]
  const scopesText = scopes.length === 0 ? '' : `, one of the scopes ${scopes.join(' ')}`
  return `JWT authorizer ${authorizer?.name ?? authorizerId} (${authorizer?.issuer})${scopesText}`
}

function throttleText(facts: StepFacts): string | undefined {
  const route = routeOf(facts)
  if (route === undefined) return undefined
  const account = accountThrottle(facts.limits)
  const parts = [
    ...(route.throttle === undefined ? [] : [`route ${rateText(route.throttle)}`]),
    ...(route.throttle !== undefined || facts.stage?.throttle === undefined
      ? []
      : [`stage ${rateText(facts.stage.throttle)}`]),
    ...clientTexts(facts, ({ throttle }) => throttle && rateText(throttle)),
    ...(account === undefined ? [] : [`account ${rateText(account)}`]),
  ]
  return parts.length === 0 ? undefined : parts.join('; ')
}

/** What each client may, over all routes and on this one. */
function clientTexts(
  facts: StepFacts,
  textOf: (allowance: ClientAllowance) => string | undefined,
): string[] {
  const limits = [facts.stage?.clientLimits, routeOf(facts)?.clientLimits]
  const texts = limits.map((each) => (each === undefined ? undefined : textOf(each)))
  return texts.flatMap((text) => (text === undefined ? [] : [`each client ${text}`]))
}

function quotaText(facts: StepFacts): string | undefined {
  const texts = clientTexts(
    facts,
    ({ quota }) => quota && `${quota.limit} a ${quota.period.toLowerCase()}`,
  )
  return texts.length === 0 ? undefined : texts.join('; ')
}

function rateText({ ratePerSecond, burst }: Throttle): string {
  return `${ratePerSecond} a second, burst ${burst}`
}

function rulesText(rules: Readonly<Record<string, string>> | undefined): string | undefined {
  const names = Object.keys(rules ?? {})
  if (names.length === 0) return undefined
  const shown = names.slice(0, 3).join(', ')
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown
}

function integrationText(integration: Integration | undefined): string | undefined {
  if (integration === undefined) return undefined
  const { integrationMethod, integrationUri, timeoutInMillis } = integration
  const method = integrationMethod === 'ANY' ? '' : `${integrationMethod} `
  return `${method}${integrationUri}, at most ${timeoutInMillis} ms`
}

function count(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number} ${what}s`
}
