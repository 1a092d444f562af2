/** Limits of users, roles and policies. Rows of the table in `domain/limits.ts`. */

import type { LimitRows } from './limit.ts'

export const IAM_LIMITS = {
  iamUsersPerAccount: {
    unit: 'count',
    aws: 5_000,
    extended: 5_000,
    beyond: 'the call is refused with LimitExceeded',
    description: 'IAM users of one account (AWS: 5 000).',
  },
  iamRolesPerAccount: {
    unit: 'count',
    aws: 1_000,
    extended: 5_000,
    beyond: 'the call is refused with LimitExceeded',
    description: 'IAM roles of one account (AWS: 1 000).',
  },
  iamGroupsPerAccount: {
    unit: 'count',
    aws: 300,
    extended: 1_000,
    beyond: 'the call is refused with LimitExceeded',
    description: 'IAM groups of one account (AWS: 300).',
  },
  iamGroupsPerUser: {
    unit: 'count',
    aws: 10,
    extended: 20,
    beyond: 'the call is refused with LimitExceeded',
    description: 'Groups that one user is in (AWS: 10).',
  },
  iamPoliciesPerAccount: {
    unit: 'count',
    aws: 1_500,
    extended: 5_000,
    beyond: 'the call is refused with LimitExceeded',
    description: 'Managed policies of one account (AWS: 1 500).',
  },
  iamPoliciesPerIdentity: {
    unit: 'count',
    aws: 10,
    extended: 20,
    beyond: 'the call is refused with LimitExceeded',
    description: 'Managed policies of one user, role or group (AWS: 10).',
  },
  iamAccessKeysPerUser: {
    unit: 'count',
    aws: 2,
    extended: 2,
    beyond: 'the call is refused with LimitExceeded',
    description: 'Access keys of one user (AWS: 2).',
  },
  iamUserPolicyCharacters: {
    unit: 'count',
    aws: 2_048,
    extended: 10_240,
    beyond: 'the call is refused with LimitExceeded',
    description: 'Inline policies of one user together, without white space (AWS: 2 048).',
  },
  iamRolePolicyCharacters: {
    unit: 'count',
    aws: 10_240,
    extended: 10_240,
    beyond: 'the call is refused with LimitExceeded',
    description: 'Inline policies of one role together, without white space (AWS: 10 240).',
  },
  iamGroupPolicyCharacters: {
    unit: 'count',
    aws: 5_120,
    extended: 10_240,
    beyond: 'the call is refused with LimitExceeded',
    description: 'Inline policies of one group together, without white space (AWS: 5 120).',
  },
  iamManagedPolicyCharacters: {
    unit: 'count',
    aws: 6_144,
    extended: 10_240,
    beyond: 'the call is refused with LimitExceeded',
    description: 'One managed policy, without white space (AWS: 6 144).',
  },
  iamTrustPolicyCharacters: {
    unit: 'count',
    aws: 2_048,
    extended: 4_096,
    beyond: 'the call is refused with LimitExceeded',
    description: 'Trust policy of one role, without white space (AWS: 2 048).',
  },
} as const satisfies LimitRows
