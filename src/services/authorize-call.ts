/**
 * Whether an identity of IAM may make a management call. Keys of the account itself do not come here.
 *
 * API Gateway's actions are HTTP methods on paths (`apigateway:POST` on `arn:aws:apigateway:eu-west-1::/apis`), those of
 * others their operations. Fail closed: what no policy allows is denied, and what concerns the whole installation is for
 * keys of an account only.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
 */

import { decide } from '../aws/iam-identity/authorize.ts'
import type { Signer } from '../aws/iam-identity/signer.ts'
import { ServiceError } from '../aws/service-error.ts'
import type { Records, Scope } from '../storage/store.ts'
import type { Call } from './dispatcher.ts'
import { iamResource } from './iam/resource.ts'
import { CallContext } from './policy-context.ts'

export interface SignedCall {
  readonly call: Call
  readonly signer: Signer
  /** Of the credential, with its region. */
  readonly scope: Scope
  readonly sourceIp: string
  readonly now: Date
  /** Of IAM, in the caller's account. */
  readonly records: Records
}

/** What an identity may be allowed to call of Postern's own service. */
const OF_ACCOUNT = [
  ...['PlanDefinition', 'DeployDefinition', 'GetServedApis'],
  ...['CreateLink', 'GetLink', 'ListLinks', 'UpdateLinkAllowances', 'CreateLinkToken'],
  ...['RevokeLinkAgent', 'DeleteLink'],
]
/** Decide for themselves. */
const OWN_DECISION = ['sts:GetCallerIdentity', 'sts:GetSessionToken', 'sts:AssumeRole']

/** Throws AccessDeniedException. */
export async function authorizeCall(signed: SignedCall): Promise<void> {
  const { call, signer, sourceIp, now } = signed
  const { action, resources } = await actionOf(signed)
  refuseUserSession(signer, action)
  if (OWN_DECISION.includes(action)) return
  if (call.service.model.name === 'postern' && !OF_ACCOUNT.includes(call.name)) {
    refuseIdentity({ signer }, action)
  }
  const context = new CallContext({ caller: { sourceIp }, now }, signer)
  for (const resource of resources) {
    const decision = decide(signer, { action: action.toLowerCase(), resource, context })
    if (decision.kind === 'allowed') continue
    const why =
      decision.kind === 'denied'
        ? 'with an explicit deny'
        : `because no identity-based policy allows the ${action} action`
    const who = `User: ${signer.arn} is not authorized to perform: ${action}`
    throw denied(`${who} on resource: ${resource} ${why}`)
  }
}

/** What concerns more than an account is for nobody whom policies bind. Throws AccessDeniedException. */
export function refuseIdentity({ signer }: { readonly signer?: Signer }, action: string): void {
  if (signer === undefined) return
  throw denied(`${action} is for keys of an account only (postern keys), not for ${signer.arn}.`)
}

/** As on AWS: a session of a user, without MFA, is for no call of IAM, and for two of STS. */
function refuseUserSession({ kind, arn }: Signer, action: string): void {
  if (kind !== 'user-session') return
  const isOpen = action === 'sts:AssumeRole' || action === 'sts:GetCallerIdentity'
  if (isOpen || !/^(?:iam|sts):/.test(action)) return
  throw denied(`User: ${arn} is not authorized to perform: ${action} with session credentials`)
}

interface AskedFor {
  readonly action: string
  /** All of them have to be allowed; one at least. */
  readonly resources: readonly string[]
}

async function actionOf(signed: SignedCall): Promise<AskedFor> {
  const { call, scope, records, signer } = signed
  const { signingName, operations } = call.service.model
  const input = call.input as Readonly<Record<string, unknown>>
  if (signingName === 'apigateway') {
    const { method, uri } = operations[call.name]!
    const resource = `arn:aws:apigateway:${scope.region}::${pathOf(uri, input)}`
    return { action: `apigateway:${method}`, resources: [resource] }
  }
  const action = `${signingName}:${call.name}`
  if (signingName === 'acm') {
    const resource = String(input['CertificateArn'] ?? input['ResourceArn'] ?? '*')
    return { action, resources: [resource] }
  }
  if (signingName === 'iam') {
    return { action, resources: [await iamResource(input, records, signer)] }
  }
  if (signingName === 'elasticloadbalancing') return { action, resources: arnsIn(input) }
  if (signingName === 'servicediscovery') {
    return { action, resources: [discoveryResource(call.name, input, scope)] }
  }
  const { UserPoolId } = input
  const resource =
    signingName === 'cognito-idp' && typeof UserPoolId === 'string'
      ? `arn:aws:cognito-idp:${scope.region}:${scope.accountId}:userpool/${UserPoolId}`
      : '*'
  return { action, resources: [resource] }
}

/** What Cloud Map's ids stand for, which may be ARNs as well. */
function discoveryResource(
  operation: string,
  { ServiceId, NamespaceId, Id, ResourceARN }: Readonly<Record<string, unknown>>,
  { region, accountId }: Scope,
): string {
  const id = ServiceId ?? Id ?? NamespaceId ?? ResourceARN
  if (typeof id !== 'string') return '*'
  if (id.startsWith('arn:')) return id
  const isService = ServiceId !== undefined || (Id !== undefined && /Service/.test(operation))
  const type = isService ? 'service' : 'namespace'
  return `arn:aws:servicediscovery:${region}:${accountId}:${type}/${id}`
}

/** Those that the members of an input name, alone or in lists, which end in `Arn` or `Arns`. */
function arnsIn(input: Readonly<Record<string, unknown>>): string[] {
  const named = Object.entries(input).filter(([member]) => /Arns?$/.test(member))
  const rules = Array.isArray(input['RulePriorities']) ? input['RulePriorities'] : []
  const arns = [...named.map(([, value]) => value), ...rules.map(({ RuleArn }) => RuleArn)].flat()
  const texts = arns.filter((arn) => typeof arn === 'string')
  return texts.length === 0 ? ['*'] : texts
}

/** `/v2/apis/{ApiId}` → `/apis/a1b2c3` */
function pathOf(uri: string, input: Readonly<Record<string, unknown>>): string {
  const [path = ''] = uri.split('?')
  return path.replace(/^\/v2(?=\/)/, '').replaceAll(/\{(\w+)\+?\}/g, (_, name: string) => {
    const value = String(input[name] ?? '')
    // An ARN in a path is one segment.
    return value.includes(':') ? encodeURIComponent(value) : value
  })
}

function denied(message: string): ServiceError {
  return new ServiceError('AccessDeniedException', message)
}
