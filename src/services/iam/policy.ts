/**
 * Managed policies and their versions.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html
 */

import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { arnOf, entityKey, policyOf, refuseTaken, uniqueId } from './entities.ts'
import { limitExceeded, noSuch } from './errors.ts'
import { mergedTags } from './identity-rules.ts'
import { type PageRequest, pageOf } from './pages.ts'
import { checkPolicyText, encodedPolicy } from './policy-text.ts'
import {
  IAM_GROUP,
  IAM_POLICY,
  IAM_ROLE,
  IAM_USER,
  type IdentityRecord,
  type PolicyRecord,
  type PolicyVersionRecord,
  type Tag,
} from './records.ts'

interface CreatePolicyRequest {
  readonly PolicyName: string
  readonly PolicyDocument: string
  readonly Path?: string
  readonly Description?: string
  readonly Tags?: readonly Tag[]
}

interface PolicyRequest {
  readonly PolicyArn: string
}

interface VersionRequest extends PolicyRequest {
  readonly VersionId: string
}

interface CreateVersionRequest extends PolicyRequest {
  readonly PolicyDocument: string
  readonly SetAsDefault?: boolean
}

interface ListPoliciesRequest extends PageRequest {
  /** `AWS` has none here. */
  readonly Scope?: 'All' | 'AWS' | 'Local'
  readonly OnlyAttached?: boolean
}

const VERSIONS_MAX = 5

export const policyOperations = {
  CreatePolicy: write<CreatePolicyRequest, object>(async (request, context) => {
    const { PolicyName, PolicyDocument, Path = '/', Description, Tags = [] } = request
    check(context, PolicyDocument)
    const { iamPoliciesPerAccount: most, tagsPerResource } = context.settings.limits
    await refuseTaken(context, IAM_POLICY, { name: PolicyName, most })
    const CreateDate = context.now.toISOString()
    const policy: PolicyRecord = {
      PolicyName,
      PolicyId: uniqueId(context, 'ANPA'),
      Arn: arnOf(context, 'policy', Path, PolicyName),
      Path,
      ...(Description === undefined ? {} : { Description }),
      CreateDate,
      UpdateDate: CreateDate,
      DefaultVersionId: 'v1',
      versions: [{ VersionId: 'v1', Document: PolicyDocument, CreateDate }],
      nextVersion: 2,
      Tags: mergedTags([], Tags, tagsPerResource),
    }
    await put(context, policy)
    return { Policy: viewOf(policy, NO_USES) }
  }),

  GetPolicy: read<PolicyRequest, object>(async ({ PolicyArn }, context) => {
    const policy = await policyOf(context, PolicyArn)
    return { Policy: viewOf(policy, await usesOf(context, PolicyArn)) }
  }),

  ListPolicies: read<ListPoliciesRequest, object>(async (request, context) => {
    if (request.Scope === 'AWS') return { Policies: [], IsTruncated: false }
    const { items, rest } = await pageOf<PolicyRecord>(context, IAM_POLICY, request)
    const views = await Promise.all(
      items.map(async (policy) => ({ policy, uses: await usesOf(context, policy.Arn) })),
    )
    const shown = views.filter(({ uses }) => uses.attached > 0 || request.OnlyAttached !== true)
    return { Policies: shown.map(({ policy, uses }) => viewOf(policy, uses)), ...rest }
  }),

  DeletePolicy: write<PolicyRequest, object>(async ({ PolicyArn }, context) => {
    const policy = await policyOf(context, PolicyArn)
    const { attached, bounding } = await usesOf(context, PolicyArn)
    if (attached + bounding > 0) {
      throw conflict('Cannot delete a policy attached to entities.')
    }
    if (policy.versions.length > 1) {
      throw conflict(
        'This policy has more than one version. Delete its non-default versions first.',
      )
    }
    await context.records.delete(entityKey(IAM_POLICY, policy.PolicyName))
    return {}
  }),

  CreatePolicyVersion: write<CreateVersionRequest, object>(async (request, context) => {
    const { PolicyArn, PolicyDocument, SetAsDefault = false } = request
    const policy = await policyOf(context, PolicyArn)
    check(context, PolicyDocument)
    if (policy.versions.length >= VERSIONS_MAX) {
      throw limitExceeded(
        `A managed policy can have up to ${VERSIONS_MAX} versions. Before you create a new version, you must delete an existing version.`,
      )
    }
    const CreateDate = context.now.toISOString()
    const VersionId = `v${policy.nextVersion}`
    const version = { VersionId, Document: PolicyDocument, CreateDate }
    const changed: PolicyRecord = {
      ...policy,
      versions: [...policy.versions, version],
      nextVersion: policy.nextVersion + 1,
      UpdateDate: CreateDate,
      ...(SetAsDefault ? { DefaultVersionId: VersionId } : {}),
    }
    await put(context, changed)
    return { PolicyVersion: versionView(changed, version, false) }
  }),

  GetPolicyVersion: read<VersionRequest, object>(async (request, context) => {
    const policy = await policyOf(context, request.PolicyArn)
    return { PolicyVersion: versionView(policy, versionOf(policy, request.VersionId), true) }
  }),

  ListPolicyVersions: read<PolicyRequest, object>(async ({ PolicyArn }, context) => {
    const policy = await policyOf(context, PolicyArn)
    const Versions = policy.versions.toReversed().map((each) => versionView(policy, each, false))
    return { Versions, IsTruncated: false }
  }),

  SetDefaultPolicyVersion: write<VersionRequest, object>(async (request, context) => {
    const policy = await policyOf(context, request.PolicyArn)
    const { VersionId } = versionOf(policy, request.VersionId)
    await put(context, { ...policy, DefaultVersionId: VersionId })
    return {}
  }),

  DeletePolicyVersion: write<VersionRequest, object>(async (request, context) => {
    const policy = await policyOf(context, request.PolicyArn)
    const { VersionId } = versionOf(policy, request.VersionId)
    if (VersionId === policy.DefaultVersionId) {
      throw conflict('Cannot delete the default version of a policy.')
    }
    const versions = policy.versions.filter((each) => each.VersionId !== VersionId)
    await put(context, { ...policy, versions })
    return {}
  }),
}

function check({ settings }: ReadContext, text: string): void {
  checkPolicyText(text, 'identity', settings.limits.iamManagedPolicyCharacters)
}

function put({ records }: WriteContext, policy: PolicyRecord): Promise<void> {
  return records.put(entityKey(IAM_POLICY, policy.PolicyName), policy)
}

/** How many identities it is attached to, and is the boundary of. */
interface Uses {
  readonly attached: number
  readonly bounding: number
}

const NO_USES: Uses = { attached: 0, bounding: 0 }

async function usesOf({ records }: ReadContext, arn: string): Promise<Uses> {
  const uses = { attached: 0, bounding: 0 }
  for (const kind of [IAM_USER, IAM_ROLE, IAM_GROUP]) {
    for (const { body } of (await records.list<IdentityRecord>(kind, '')).records) {
      if (body.attached.includes(arn)) uses.attached++
      if (body.boundary === arn) uses.bounding++
    }
  }
  return uses
}

function versionOf({ versions, Arn }: PolicyRecord, id: string): PolicyVersionRecord {
  const version = versions.find(({ VersionId }) => VersionId === id)
  if (version !== undefined) return version
  throw noSuch(`Policy ${Arn} version ${id} does not exist or is not attachable.`)
}

function conflict(message: string): ServiceError {
  return new ServiceError('DeleteConflictException', message)
}

function viewOf(policy: PolicyRecord, { attached, bounding }: Uses): object {
  const { versions: _, nextVersion: _next, Tags, ...view } = policy
  return {
    ...view,
    AttachmentCount: attached,
    PermissionsBoundaryUsageCount: bounding,
    IsAttachable: true,
    ...(Tags.length === 0 ? {} : { Tags }),
  }
}

function versionView(
  { DefaultVersionId }: PolicyRecord,
  { VersionId, Document, CreateDate }: PolicyVersionRecord,
  withText: boolean,
): object {
  return {
    VersionId,
    IsDefaultVersion: VersionId === DefaultVersionId,
    CreateDate,
    ...(withText ? { Document: encodedPolicy(Document) } : {}),
  }
}
