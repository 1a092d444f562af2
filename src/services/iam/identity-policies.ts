/**
 * The policies of users, roles and groups, inline and attached, and the tags of the first two. The same operations under
 * several names.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
 */

import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { entityKey, type IdentityKind, identityOf, policyOf } from './entities.ts'
import { limitExceeded, noSuch } from './errors.ts'
import { taggedWith } from './identity-rules.ts'
import { checkPolicyText, encodedPolicy, policySize } from './policy-text.ts'
import { IAM_GROUP, IAM_ROLE, IAM_USER, type IdentityRecord, type Tag } from './records.ts'

interface NamedRequest {
  readonly UserName?: string
  readonly RoleName?: string
  readonly GroupName?: string
}

interface InlineRequest extends NamedRequest {
  readonly PolicyName: string
}

interface PutInlineRequest extends InlineRequest {
  readonly PolicyDocument: string
}

interface AttachRequest extends NamedRequest {
  readonly PolicyArn: string
}

interface TagRequest extends NamedRequest {
  readonly Tags: readonly Tag[]
}

interface UntagRequest extends NamedRequest {
  readonly TagKeys: readonly string[]
}

type Kind = IdentityKind

export const identityPolicyOperations = {
  PutUserPolicy: putInline(IAM_USER),
  GetUserPolicy: getInline(IAM_USER),
  DeleteUserPolicy: deleteInline(IAM_USER),
  ListUserPolicies: listInline(IAM_USER),
  AttachUserPolicy: attach(IAM_USER),
  DetachUserPolicy: detach(IAM_USER),
  ListAttachedUserPolicies: listAttached(IAM_USER),
  TagUser: tag(IAM_USER),
  UntagUser: untag(IAM_USER),
  ListUserTags: listTags(IAM_USER),
  PutRolePolicy: putInline(IAM_ROLE),
  GetRolePolicy: getInline(IAM_ROLE),
  DeleteRolePolicy: deleteInline(IAM_ROLE),
  ListRolePolicies: listInline(IAM_ROLE),
  AttachRolePolicy: attach(IAM_ROLE),
  DetachRolePolicy: detach(IAM_ROLE),
  ListAttachedRolePolicies: listAttached(IAM_ROLE),
  TagRole: tag(IAM_ROLE),
  UntagRole: untag(IAM_ROLE),
  ListRoleTags: listTags(IAM_ROLE),
  PutGroupPolicy: putInline(IAM_GROUP),
  GetGroupPolicy: getInline(IAM_GROUP),
  DeleteGroupPolicy: deleteInline(IAM_GROUP),
  ListGroupPolicies: listInline(IAM_GROUP),
  AttachGroupPolicy: attach(IAM_GROUP),
  DetachGroupPolicy: detach(IAM_GROUP),
  ListAttachedGroupPolicies: listAttached(IAM_GROUP),
}

const INLINE_CHARACTERS = {
  [IAM_USER]: 'iamUserPolicyCharacters',
  [IAM_ROLE]: 'iamRolePolicyCharacters',
  [IAM_GROUP]: 'iamGroupPolicyCharacters',
} as const

function putInline(kind: Kind) {
  return write<PutInlineRequest, object>(async (request, context) => {
    const { PolicyName, PolicyDocument } = request
    const identity = await named(context, kind, request)
    const most = context.settings.limits[INLINE_CHARACTERS[kind]]
    checkPolicyText(PolicyDocument, 'identity', most)
    const inline = { ...identity.inline, [PolicyName]: PolicyDocument }
    const size = Object.values(inline).reduce((sum, text) => sum + policySize(text), 0)
    if (size > most) throw limitExceeded(`Maximum policy size of ${most} bytes exceeded`)
    return change(context, kind, { ...identity, inline })
  })
}

function getInline(kind: Kind) {
  return read<InlineRequest, object>(async (request, context) => {
    const identity = await named(context, kind, request)
    const text = inlineOf(identity, request.PolicyName)
    const { UserName, RoleName, GroupName, PolicyName } = request
    return { UserName, RoleName, GroupName, PolicyName, PolicyDocument: encodedPolicy(text) }
  })
}

function deleteInline(kind: Kind) {
  return write<InlineRequest, object>(async (request, context) => {
    const identity = await named(context, kind, request)
    inlineOf(identity, request.PolicyName)
    const { [request.PolicyName]: _, ...inline } = identity.inline
    return change(context, kind, { ...identity, inline })
  })
}

function listInline(kind: Kind) {
  return read<NamedRequest, object>(async (request, context) => {
    const { inline } = await named(context, kind, request)
    return { PolicyNames: Object.keys(inline).toSorted(), IsTruncated: false }
  })
}

function attach(kind: Kind) {
  return write<AttachRequest, object>(async (request, context) => {
    const { PolicyArn } = request
    const identity = await named(context, kind, request)
    await policyOf(context, PolicyArn)
    const attached = [...new Set([...identity.attached, PolicyArn])]
    const most = context.settings.limits.iamPoliciesPerIdentity
    if (attached.length > most) {
      throw limitExceeded(`Cannot exceed quota for PoliciesPerIdentity: ${most}`)
    }
    return change(context, kind, { ...identity, attached })
  })
}

function detach(kind: Kind) {
  return write<AttachRequest, object>(async (request, context) => {
    const identity = await named(context, kind, request)
    const attached = identity.attached.filter((arn) => arn !== request.PolicyArn)
    if (attached.length === identity.attached.length) {
      throw noSuch(`Policy ${request.PolicyArn} was not found.`)
    }
    return change(context, kind, { ...identity, attached })
  })
}

function listAttached(kind: Kind) {
  return read<NamedRequest, object>(async (request, context) => {
    const { attached } = await named(context, kind, request)
    const AttachedPolicies = attached.map((PolicyArn) => ({
      PolicyName: PolicyArn.slice(PolicyArn.lastIndexOf('/') + 1),
      PolicyArn,
    }))
    return { AttachedPolicies, IsTruncated: false }
  })
}

function tag(kind: Kind) {
  return write<TagRequest, object>(async (request, context) => {
    const identity = await named(context, kind, request)
    const Tags = taggedWith(context, identity.Tags, request.Tags)
    return change(context, kind, { ...identity, Tags })
  })
}

function untag(kind: Kind) {
  return write<UntagRequest, object>(async (request, context) => {
    const identity = await named(context, kind, request)
    const gone = new Set(request.TagKeys.map((key) => key.toLowerCase()))
    const Tags = identity.Tags.filter(({ Key }) => !gone.has(Key.toLowerCase()))
    return change(context, kind, { ...identity, Tags })
  })
}

function listTags(kind: Kind) {
  return read<NamedRequest, object>(async (request, context) => {
    return { Tags: (await named(context, kind, request)).Tags, IsTruncated: false }
  })
}

function named(context: ReadContext, kind: Kind, request: NamedRequest): Promise<IdentityRecord> {
  const { UserName, RoleName, GroupName } = request
  return identityOf(context, kind, UserName ?? RoleName ?? GroupName ?? '')
}

function inlineOf({ inline }: IdentityRecord, name: string): string {
  const text = Object.hasOwn(inline, name) ? inline[name] : undefined
  if (text !== undefined) return text
  throw noSuch(`The policy with name ${name} cannot be found.`)
}

async function change(context: WriteContext, kind: Kind, identity: IdentityRecord) {
  await context.records.put(entityKey(kind, identity.Name), identity)
  return {}
}
