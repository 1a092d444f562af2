/**
 * Operations of user pools that are not built, each with the feature that it belongs to. They answer with an error that
 * says so, never with a success that means nothing.
 */

import type { UnsupportedOperation } from '../service.ts'

const FEATURES: Readonly<Record<string, readonly string[]>> = {
  'remembered devices': [
    'AdminForgetDevice',
    'AdminGetDevice',
    'AdminListDevices',
    'AdminUpdateDeviceStatus',
    'ConfirmDevice',
    'ForgetDevice',
    'GetDevice',
    'ListDevices',
    'UpdateDeviceStatus',
  ],
  passkeys: [
    'AdminGetUserAuthFactors',
    'CompleteWebAuthnRegistration',
    'DeleteWebAuthnCredential',
    'GetUserAuthFactors',
    'ListWebAuthnCredentials',
    'StartWebAuthnRegistration',
  ],
  'sign-in through other identity providers': [
    'AdminDisableProviderForUser',
    'AdminLinkProviderForUser',
    'CreateIdentityProvider',
    'DeleteIdentityProvider',
    'DescribeIdentityProvider',
    'GetIdentityProviderByIdentifier',
    'GetSigningCertificate',
    'ListIdentityProviders',
    'UpdateIdentityProvider',
  ],
  'threat protection and its log of sign-ins': [
    'AdminListUserAuthEvents',
    'AdminUpdateAuthEventFeedback',
    'DescribeRiskConfiguration',
    'GetLogDeliveryConfiguration',
    'SetLogDeliveryConfiguration',
    'SetRiskConfiguration',
    'UpdateAuthEventFeedback',
  ],
  'lists of sessions': [
    'AdminListUserSessions',
    'AdminRevokeUserSession',
    'GetUserPoolClientSessionConfiguration',
    'GetUserPoolSessionConfiguration',
    'ListUserSessions',
    'RevokeUserSession',
    'SetUserPoolClientSessionConfiguration',
    'SetUserPoolSessionConfiguration',
  ],
  'managed login branding': [
    'CreateManagedLoginBranding',
    'CreateTerms',
    'DeleteManagedLoginBranding',
    'DeleteTerms',
    'DescribeManagedLoginBranding',
    'DescribeManagedLoginBrandingByClient',
    'DescribeTerms',
    'DescribeTermsByClient',
    'ListTerms',
    'UpdateManagedLoginBranding',
    'UpdateTerms',
  ],
  'several secrets of one client': [
    'AddUserPoolClientSecret',
    'DeleteUserPoolClientSecret',
    'ListUserPoolClientSecrets',
  ],
  'replicas of user pools': [
    'CreateUserPoolReplica',
    'DeleteUserPoolReplica',
    'ListUserPoolReplicas',
    'UpdateUserPoolReplica',
  ],
  'MFA by SMS': ['AdminSetUserSettings', 'SetUserSettings'],
  'client tokens': ['GetClientToken'],
  'provisioned limits': ['GetProvisionedLimit', 'UpdateProvisionedLimit'],
  'domains with certificates of their own': ['UpdateUserPoolDomain'],
}

export const unsupportedOperations: Readonly<Record<string, UnsupportedOperation>> =
  Object.fromEntries(
    Object.entries(FEATURES).flatMap(([feature, names]) =>
      names.map((name) => [name, { kind: 'unsupported', feature }]),
    ),
  )
