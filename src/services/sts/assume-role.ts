/**
 * AssumeRole: the role's trust policy lets the caller in, and where it trusts the account as a whole, the caller's own
 * policies as well. Roles of other accounts cannot be assumed.
 *
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */

import { decide } from '../../aws/iam-identity/authorize.ts'
import { namesOf, type Signer } from '../../aws/iam-identity/signer.ts'
import { compilePolicy } from '../../aws/iam-policy/compile-policy.ts'
import { evaluateTrust, type PolicyRequest } from '../../aws/iam-policy/evaluate.ts'
import { policyProblemText, readPolicy } from '../../aws/iam-policy/read-policy.ts'
import { ServiceError } from '../../aws/service-error.ts'
import { entityKey, policyOf } from '../iam/entities.ts'
import { managedPolicy } from '../iam/identities.ts'
import { policySize } from '../iam/policy-text.ts'
import { IAM_ROLE, type RoleRecord } from '../iam/records.ts'
import { CallContext } from '../policy-context.ts'
import { type ReadContext, read } from '../service.ts'
import type { IssueCredentials } from './credentials.ts'
import { noMfa } from './session.ts'

interface AssumeRoleRequest {
  readonly RoleArn: string
  readonly RoleSessionName: string
  readonly DurationSeconds?: number
  readonly ExternalId?: string
  readonly Policy?: string
  readonly PolicyArns?: readonly { readonly arn?: string }[]
  readonly SerialNumber?: string
  readonly TokenCode?: string
  readonly SourceIdentity?: string
  readonly Tags?: readonly object[]
  readonly TransitiveTagKeys?: readonly string[]
  readonly ProvidedContexts?: readonly object[]
}

const ACTION = 'sts:assumerole'
const SESSION_SECONDS = 3_600
const POLICY_CHARACTERS_MAX = 2_048
const POLICY_ARNS_MAX = 10

export function assumeRoleOperations(issue: IssueCredentials) {
  return { AssumeRole: assuming(issue) }
}

function assuming(issue: IssueCredentials) {
  return read<AssumeRoleRequest, object>(async (request, context) => {
    refuseUnbuilt(request)
    const signer = context.caller.signer
    if (signer === undefined) throw denied('Roles may not be assumed by root accounts.')
    const role = await roleOf(request, context)
    if (role === undefined || !mayAssume(signer, role, request, context)) {
      // Whether the role exists is not for everybody to know.
      throw denied(
        `User: ${signer.arn} is not authorized to perform: sts:AssumeRole on resource: ${request.RoleArn}`,
      )
    }
    const { RoleSessionName: name, Policy: policy } = request
    const policies = await sessionPolicies(request, context)
    const Credentials = await issue(context, {
      account: accountOf(role.Arn),
      id: role.Id,
      name,
      ...(policy === undefined ? {} : { policy }),
      ...(policies.length === 0 ? {} : { policies }),
      seconds: secondsOf(request, signer, role),
    })
    const Arn = `arn:aws:sts::${accountOf(role.Arn)}:assumed-role/${role.Name}/${name}`
    return { Credentials, AssumedRoleUser: { AssumedRoleId: `${role.Id}:${name}`, Arn } }
  })
}

function refuseUnbuilt(request: AssumeRoleRequest): void {
  const { SerialNumber, TokenCode, SourceIdentity, ...rest } = request
  if (SerialNumber !== undefined || TokenCode !== undefined) throw noMfa()
  const { Tags = [], TransitiveTagKeys = [], ProvidedContexts = [] } = rest
  const asked = Tags.length + TransitiveTagKeys.length + ProvidedContexts.length
  if (asked === 0 && SourceIdentity === undefined) return
  throw new ServiceError(
    'InvalidInputException',
    'Session tags and source identities are not supported by this version of Postern.',
  )
}

/** Of the caller's account: a role of another one has records that this call does not see. */
async function roleOf(
  { RoleArn }: AssumeRoleRequest,
  { records }: ReadContext,
): Promise<RoleRecord | undefined> {
  const name = RoleArn.slice(RoleArn.lastIndexOf('/') + 1)
  const found = await records.get<RoleRecord>(entityKey(IAM_ROLE, name))
  return found?.body.Arn === RoleArn ? found.body : undefined
}

function mayAssume(
  signer: Signer,
  role: RoleRecord,
  { ExternalId, RoleSessionName }: AssumeRoleRequest,
  context: ReadContext,
): boolean {
  const extra: Record<string, string> = { 'sts:rolesessionname': RoleSessionName }
  if (ExternalId !== undefined) extra['sts:externalid'] = ExternalId
  const request: PolicyRequest = {
    action: ACTION,
    resource: role.Arn,
    context: new CallContext(context, signer, extra),
  }
  const read = readPolicy(role.AssumeRolePolicyDocument, 'trust')
  const trust = 'document' in read ? compilePolicy(read.document) : []
  const match = evaluateTrust(trust, request, namesOf(signer))
  const own = decide(signer, request)
  if (match === 'none' || match === 'denied' || own.kind === 'denied') return false
  return own.kind === 'allowed' || match === 'named'
}

/** A role that is assumed with another role's session has an hour at most. */
function secondsOf(
  { DurationSeconds = SESSION_SECONDS }: AssumeRoleRequest,
  { kind }: Signer,
  { MaxSessionDuration }: RoleRecord,
): number {
  const most = kind === 'role-session' ? SESSION_SECONDS : MaxSessionDuration
  if (DurationSeconds <= most) return DurationSeconds
  throw new ServiceError(
    'ValidationException',
    kind === 'role-session'
      ? 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.'
      : 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
  )
}

/** Checks both kinds; returns the managed ones by their name in the document. */
async function sessionPolicies(
  { Policy, PolicyArns = [] }: AssumeRoleRequest,
  context: ReadContext,
): Promise<string[]> {
  if (Policy !== undefined) {
    if (policySize(Policy) > POLICY_CHARACTERS_MAX || Policy.length > 2 * POLICY_CHARACTERS_MAX) {
      throw new ServiceError('PackedPolicyTooLargeException', 'The session policy is too large.')
    }
    const read = readPolicy(Policy, 'identity')
    if ('problem' in read) {
      const message = policyProblemText(read.problem)
      throw new ServiceError('MalformedPolicyDocumentException', message)
    }
  }
  if (PolicyArns.length > POLICY_ARNS_MAX) {
    throw new ServiceError('ValidationException', `At most ${POLICY_ARNS_MAX} PolicyArns.`)
  }
  const arns = PolicyArns.map(({ arn = '' }) => arn)
  return Promise.all(arns.map(async (arn) => managedPolicy((await policyOf(context, arn)).Arn)))
}

function accountOf(arn: string): string {
  return arn.split(':')[4] ?? ''
}

function denied(message: string): ServiceError {
  return new ServiceError('AccessDeniedException', message)
}
