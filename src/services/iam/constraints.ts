/**
 * Lengths and patterns of IAM's members, which the SDK package does not tell.
 *
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
 */

import type { Constraints } from '../../aws/constraints.ts'
import type { Constraint } from '../../aws/service-model.ts'

const name = (most: number): Constraint => ({ length: [1, most], pattern: '[\\w+=,.@-]+' })
const UserName = name(64)
const RoleName = name(64)
const GroupName = name(128)
const PolicyName = name(128)
const Path: Constraint = {
  length: [1, 512],
  pattern: '\\/|\\/[\\u0021-\\u007E]+\\/',
}
const PolicyArn: Constraint = { length: [20, 2_048] }
const text: Constraint = { length: [1, 131_072] }
const Description: Constraint = { length: [0, 1_000] }
const MaxSessionDuration: Constraint = { range: [3_600, 43_200], integer: true }
const MaxItems: Constraint = { range: [1, 1_000], integer: true }

export const CONSTRAINTS: Constraints = {
  CreateUserRequest: { UserName, Path },
  GetUserRequest: { UserName },
  DeleteUserRequest: { UserName },
  ListUsersRequest: { MaxItems },
  CreateAccessKeyRequest: { UserName },
  UpdateAccessKeyRequest: { UserName },
  DeleteAccessKeyRequest: { UserName },
  CreateRoleRequest: {
    RoleName,
    Path,
    Description,
    MaxSessionDuration,
    AssumeRolePolicyDocument: text,
  },
  UpdateRoleRequest: { RoleName, Description, MaxSessionDuration },
  UpdateAssumeRolePolicyRequest: { RoleName, PolicyDocument: text },
  ListRolesRequest: { MaxItems },
  PutUserPolicyRequest: { UserName, PolicyName, PolicyDocument: text },
  PutRolePolicyRequest: { RoleName, PolicyName, PolicyDocument: text },
  CreateGroupRequest: { GroupName, Path },
  GetGroupRequest: { GroupName },
  DeleteGroupRequest: { GroupName },
  UpdateGroupRequest: { GroupName, NewGroupName: GroupName, NewPath: Path },
  AddUserToGroupRequest: { GroupName, UserName },
  RemoveUserFromGroupRequest: { GroupName, UserName },
  ListGroupsRequest: { MaxItems },
  PutGroupPolicyRequest: { GroupName, PolicyName, PolicyDocument: text },
  CreatePolicyRequest: { PolicyName, Path, Description, PolicyDocument: text },
  CreatePolicyVersionRequest: { PolicyArn, PolicyDocument: text },
  ListPoliciesRequest: { MaxItems },
  Tag: {
    Key: { length: [1, 128], pattern: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+' },
    Value: { length: [0, 256], pattern: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*' },
  },
}
