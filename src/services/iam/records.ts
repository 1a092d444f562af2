/**
 * The records of IAM: of an account, in no region. Names are looked up as they were written, and unique whatever their case.
 */

/** IAM is the same in every region; its records are in this one. */
export const GLOBAL_REGION = 'global'

export const IAM_USER = 'iam-user'
export const IAM_ROLE = 'iam-role'
export const IAM_GROUP = 'iam-group'
export const IAM_POLICY = 'iam-policy'
/** Parent: the record id of the user. */
export const IAM_KEY = 'iam-access-key'

export interface Tag {
  readonly Key: string
  readonly Value: string
}

/** What users, roles and groups have in common; groups have no tags. Times are ISO 8601. */
export interface IdentityRecord {
  readonly Name: string
  /** `AIDA…`, `AROA…`, `AGPA…`: never given twice. */
  readonly Id: string
  readonly Arn: string
  readonly Path: string
  readonly CreateDate: string
  readonly Tags: readonly Tag[]
  /** Name → text. */
  readonly inline: Readonly<Record<string, string>>
  /** ARNs of managed policies. */
  readonly attached: readonly string[]
  /** ARN of the managed policy that bounds what the others give; groups have none. */
  readonly boundary?: string
}

export interface UserRecord extends IdentityRecord {
  /** Ids of the groups that the user is in. */
  readonly groups?: readonly string[]
}

export interface RoleRecord extends IdentityRecord {
  readonly AssumeRolePolicyDocument: string
  readonly Description?: string
  readonly MaxSessionDuration: number
}

export interface PolicyRecord {
  readonly PolicyName: string
  readonly PolicyId: string
  readonly Arn: string
  readonly Path: string
  readonly Description?: string
  readonly CreateDate: string
  readonly UpdateDate: string
  readonly DefaultVersionId: string
  readonly versions: readonly PolicyVersionRecord[]
  /** Number of the version that is made next. */
  readonly nextVersion: number
  readonly Tags: readonly Tag[]
}

export interface PolicyVersionRecord {
  readonly VersionId: string
  readonly Document: string
  readonly CreateDate: string
}

export interface KeyRecord {
  readonly UserName: string
  readonly UserId: string
  readonly AccessKeyId: string
  readonly sealedSecret: string
  readonly Status: 'Active' | 'Inactive'
  readonly CreateDate: string
}
