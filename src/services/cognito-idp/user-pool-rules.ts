/**
 * What the settings of a user pool may be: what Cognito refuses, and what is not built here and would silently do nothing.
 */

import type {
  CreateUserPoolRequest,
  UpdateUserPoolRequest,
  UserPoolPolicyType,
} from '@aws-sdk/client-cognito-identity-provider'
import type { UserPoolRecord } from '../../identity/user-pools/records.ts'
import { invalid, isEmpty, refuseNotBuilt } from './found.ts'

type Settings = Omit<CreateUserPoolRequest & UpdateUserPoolRequest, 'PoolName' | 'UserPoolId'>

/** `pool`: what it has been; undefined for a new one. Throws a ServiceError. */
export function checkPoolSettings(settings: Settings, pool: UserPoolRecord | undefined): void {
  const { Policies, AdminCreateUserConfig, UserPoolAddOns, UserAttributeUpdateSettings } = settings
  const { AllowedFirstAuthFactors: factors = ['PASSWORD'] } = Policies?.SignInPolicy ?? {}
  const { AttributesRequireVerificationBeforeUpdate: held = [] } = UserAttributeUpdateSettings ?? {}
  refuseNotBuilt({
    'LambdaConfig: a trigger': !isEmpty(settings.LambdaConfig),
    'DeviceConfiguration: remembering devices': !isEmpty(settings.DeviceConfiguration),
    'UserPoolAddOns: threat protection':
      (UserPoolAddOns?.AdvancedSecurityMode ?? 'OFF') !== 'OFF' ||
      !isEmpty(UserPoolAddOns?.AdvancedSecurityAdditionalFlows),
    'SignInPolicy: a first factor other than PASSWORD': factors.some(
      (factor) => factor !== 'PASSWORD',
    ),
    'UserAttributeUpdateSettings: keeping the old value until the new one is verified':
      held.length > 0,
    'PasswordHistorySize: a history of passwords':
      (Policies?.PasswordPolicy?.PasswordHistorySize ?? 0) > 0,
    KeyConfiguration: !isEmpty(settings.KeyConfiguration),
    IssuerConfiguration: !isEmpty(settings.IssuerConfiguration),
    DcrConfiguration: !isEmpty(settings.DcrConfiguration),
    AcrConfiguration: !isEmpty(settings.AcrConfiguration),
    'VerificationMessageTemplate: CONFIRM_WITH_LINK':
      settings.VerificationMessageTemplate?.DefaultEmailOption === 'CONFIRM_WITH_LINK',
  })
  checkMfa(settings, pool)
  const unused = AdminCreateUserConfig?.UnusedAccountValidityDays
  const temporary = Policies?.PasswordPolicy?.TemporaryPasswordValidityDays
  if (unused !== undefined && temporary !== undefined && unused !== temporary) {
    throw invalid(
      'Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays',
    )
  }
}

/** The second factor that there is here is set by SetUserPoolMfaConfig, and kept by what says the same. */
function checkMfa({ MfaConfiguration }: Settings, pool: UserPoolRecord | undefined): void {
  if (MfaConfiguration === undefined || MfaConfiguration === 'OFF') return
  if (pool?.softwareTokenMfa === true) return
  throw invalid(
    'MFA by SMS is not supported by this version of Postern. Turn on software tokens with SetUserPoolMfaConfig.',
  )
}

/** Cognito's own policy where nothing is said. */
export function withPolicyDefaults(policies: UserPoolPolicyType | undefined): UserPoolPolicyType {
  const said = policies?.PasswordPolicy
  const defaults = {
    ...{ MinimumLength: 8, RequireUppercase: true, RequireLowercase: true },
    ...{ RequireNumbers: true, RequireSymbols: true, TemporaryPasswordValidityDays: 7 },
  }
  const none = {
    ...{ MinimumLength: 8, RequireUppercase: false, RequireLowercase: false },
    ...{ RequireNumbers: false, RequireSymbols: false, TemporaryPasswordValidityDays: 7 },
  }
  return {
    PasswordPolicy: said === undefined ? defaults : { ...none, ...said },
    SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD'] },
  }
}
