/**
 * Lengths, ranges and patterns of user pools' requests, which the SDK package does not carry.
 *
 * Figures of https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
 */

import type { Constraints } from '../../aws/constraints.ts'
import type { Constraint } from '../../aws/service-model.ts'

const poolName: Constraint = { length: [1, 128], pattern: '[\\w\\s+=,.@-]+' }
const poolId: Constraint = { length: [1, 55], pattern: '[\\w-]+_[0-9a-zA-Z]+' }
const clientId: Constraint = { length: [1, 128], pattern: '[\\w+]+' }
const username: Constraint = { length: [1, 128], pattern: '[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+' }
const password: Constraint = { length: [0, 256] }
const groupName: Constraint = { length: [1, 128], pattern: '[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+' }
const code: Constraint = { length: [1, 2_048], pattern: '[\\S]+' }
const token: Constraint = { length: [1, 16_384] }
const session: Constraint = { length: [20, 4_096] }
const description: Constraint = { length: [0, 2_048] }
const precedence: Constraint = { integer: true, range: [0, 2_147_483_647] }
const ofPage: Constraint = { integer: true, range: [1, 60] }
const upToPage: Constraint = { integer: true, range: [0, 60] }
const refreshDays: Constraint = { integer: true, range: [0, 315_360_000] }
const tokenLife: Constraint = { integer: true, range: [0, 86_400] }
const tags: Constraint = { keys: { length: [1, 128] }, values: { length: [0, 256] } }
const identifier: Constraint = { length: [1, 256], pattern: '[\\x21\\x23-\\x5B\\x5D-\\x7E]+' }
const domain: Constraint = { length: [1, 63], pattern: '[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?' }

const ofClient = {
  ClientName: { ...poolName },
  UserPoolId: poolId,
  RefreshTokenValidity: refreshDays,
  AccessTokenValidity: tokenLife,
  IdTokenValidity: tokenLife,
  CallbackURLs: { length: [0, 100], values: { length: [1, 1_024] } },
  LogoutURLs: { length: [0, 100], values: { length: [1, 1_024] } },
  AllowedOAuthScopes: { length: [0, 50], values: { length: [1, 256] } },
  AuthSessionValidity: { integer: true, range: [3, 15] },
} satisfies Record<string, Constraint>
const inPool = { UserPoolId: poolId }
const ofUser = { UserPoolId: poolId, Username: username }
const ofGroup = { UserPoolId: poolId, GroupName: groupName }

export const CONSTRAINTS: Constraints = {
  CreateUserPoolRequest: { PoolName: poolName, UserPoolTags: tags, Schema: { length: [1, 50] } },
  UpdateUserPoolRequest: { UserPoolId: poolId, UserPoolTags: tags },
  DescribeUserPoolRequest: inPool,
  DeleteUserPoolRequest: inPool,
  ListUserPoolsRequest: { MaxResults: ofPage },
  AddCustomAttributesRequest: { UserPoolId: poolId, CustomAttributes: { length: [1, 25] } },
  PasswordPolicyType: {
    MinimumLength: { integer: true, range: [6, 99] },
    PasswordHistorySize: { integer: true, range: [0, 24] },
    TemporaryPasswordValidityDays: { integer: true, range: [0, 365] },
  },
  AdminCreateUserConfigType: { UnusedAccountValidityDays: { integer: true, range: [0, 365] } },
  AttributeType: { Name: { length: [1, 32] }, Value: { length: [0, 2_048] } },

  CreateUserPoolClientRequest: ofClient,
  UpdateUserPoolClientRequest: { ...ofClient, ClientId: clientId },
  DescribeUserPoolClientRequest: { UserPoolId: poolId, ClientId: clientId },
  DeleteUserPoolClientRequest: { UserPoolId: poolId, ClientId: clientId },
  ListUserPoolClientsRequest: { UserPoolId: poolId, MaxResults: ofPage },
  RefreshTokenRotationType: { RetryGracePeriodSeconds: { integer: true, range: [0, 60] } },

  AdminCreateUserRequest: { ...ofUser, TemporaryPassword: password },
  AdminGetUserRequest: ofUser,
  AdminDeleteUserRequest: ofUser,
  AdminEnableUserRequest: ofUser,
  AdminDisableUserRequest: ofUser,
  AdminConfirmSignUpRequest: ofUser,
  AdminSetUserPasswordRequest: { ...ofUser, Password: password },
  AdminResetUserPasswordRequest: ofUser,
  AdminUpdateUserAttributesRequest: { ...ofUser, UserAttributes: { length: [0, 100] } },
  AdminDeleteUserAttributesRequest: { ...ofUser, UserAttributeNames: { length: [0, 100] } },
  AdminUserGlobalSignOutRequest: ofUser,
  AdminSetUserMFAPreferenceRequest: ofUser,
  AdminAddUserToGroupRequest: { ...ofUser, GroupName: groupName },
  AdminRemoveUserFromGroupRequest: { ...ofUser, GroupName: groupName },
  AdminListGroupsForUserRequest: { ...ofUser, Limit: upToPage },
  AdminInitiateAuthRequest: { UserPoolId: poolId, ClientId: clientId },
  AdminRespondToAuthChallengeRequest: { UserPoolId: poolId, ClientId: clientId, Session: session },
  ListUsersRequest: {
    UserPoolId: poolId,
    Limit: upToPage,
    Filter: { length: [0, 256] },
    PaginationToken: { length: [1, 4_096] },
  },

  CreateGroupRequest: { ...ofGroup, Description: description, Precedence: precedence },
  UpdateGroupRequest: { ...ofGroup, Description: description, Precedence: precedence },
  GetGroupRequest: ofGroup,
  DeleteGroupRequest: ofGroup,
  ListGroupsRequest: { UserPoolId: poolId, Limit: upToPage },
  ListUsersInGroupRequest: { ...ofGroup, Limit: upToPage },

  CreateResourceServerRequest: {
    UserPoolId: poolId,
    Identifier: identifier,
    Name: { length: [1, 256], pattern: '[\\w\\s+=,.@-]+' },
    Scopes: { length: [0, 100] },
  },
  UpdateResourceServerRequest: {
    UserPoolId: poolId,
    Identifier: identifier,
    Name: { length: [1, 256], pattern: '[\\w\\s+=,.@-]+' },
    Scopes: { length: [0, 100] },
  },
  ResourceServerScopeType: {
    ScopeName: { length: [1, 256], pattern: '[\\x21\\x23-\\x2E\\x30-\\x5B\\x5D-\\x7E]+' },
    ScopeDescription: { length: [1, 256] },
  },
  ListResourceServersRequest: { UserPoolId: poolId, MaxResults: { integer: true, range: [1, 50] } },
  CreateUserPoolDomainRequest: { UserPoolId: poolId, Domain: domain },
  DeleteUserPoolDomainRequest: { UserPoolId: poolId, Domain: domain },
  TagResourceRequest: { Tags: tags },
  UntagResourceRequest: { TagKeys: { values: { length: [1, 128] } } },

  SignUpRequest: {
    ClientId: clientId,
    SecretHash: { length: [1, 128], pattern: '[\\w+=/]+' },
    Username: username,
    Password: password,
    UserAttributes: { length: [0, 100] },
  },
  ConfirmSignUpRequest: { ClientId: clientId, Username: username, ConfirmationCode: code },
  ResendConfirmationCodeRequest: { ClientId: clientId, Username: username },
  ForgotPasswordRequest: { ClientId: clientId, Username: username },
  ConfirmForgotPasswordRequest: {
    ...{ ClientId: clientId, Username: username, ConfirmationCode: code, Password: password },
  },
  InitiateAuthRequest: { ClientId: clientId },
  RespondToAuthChallengeRequest: { ClientId: clientId, Session: session },
  GetTokensFromRefreshTokenRequest: { ClientId: clientId, RefreshToken: token },
  RevokeTokenRequest: { ClientId: clientId, Token: token },
  ChangePasswordRequest: {
    AccessToken: token,
    PreviousPassword: password,
    ProposedPassword: password,
  },
  GetUserRequest: { AccessToken: token },
  DeleteUserRequest: { AccessToken: token },
  GlobalSignOutRequest: { AccessToken: token },
  UpdateUserAttributesRequest: { AccessToken: token, UserAttributes: { length: [0, 100] } },
  DeleteUserAttributesRequest: { AccessToken: token, UserAttributeNames: { length: [0, 100] } },
  VerifyUserAttributeRequest: { AccessToken: token, Code: code },
  VerifySoftwareTokenRequest: { Session: session, UserCode: { length: [6, 6], pattern: '[0-9]+' } },
}
