/**
 * Which second factors a pool has and which of them a user uses. There is one: an authenticator app.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetUserPoolMfaConfig.html
 */

import type {
  AdminDeleteSoftwareTokenRequest,
  AdminSetUserMFAPreferenceRequest,
  GetUserPoolMfaConfigRequest,
  GetUserPoolMfaConfigResponse,
  SetUserMFAPreferenceRequest,
  SetUserPoolMfaConfigRequest,
  SetUserPoolMfaConfigResponse,
} from '@aws-sdk/client-cognito-identity-provider'
import type { UserPoolRecord, UserRecord } from '../../identity/user-pools/records.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import { putUser } from '../../identity/user-pools/users.ts'
import { decide, read, type WriteContext, write } from '../service.ts'
import { invalid, refuseNotBuilt, requirePool } from './found.ts'
import { changeUser, requireSelf } from './self.ts'
import { requireUser } from './user-found.ts'

export function mfaOperations(pools: UserPools) {
  return {
    GetUserPoolMfaConfig: read<GetUserPoolMfaConfigRequest, GetUserPoolMfaConfigResponse>(
      async ({ UserPoolId }, context) => shown(await requirePool(context, UserPoolId)),
    ),
    SetUserPoolMfaConfig: write<SetUserPoolMfaConfigRequest, SetUserPoolMfaConfigResponse>(
      setConfig,
    ),
    SetUserMFAPreference: decide<SetUserMFAPreferenceRequest, object>(async (request, context) => {
      const { known, user } = await requireSelf(pools, context, request.AccessToken)
      preferenceOf(request, user)
      const { pool } = known
      return {
        commit: (writing) =>
          changeUser(writing, { pool, user }, (now) => preferenceOf(request, now)),
      }
    }),
    AdminSetUserMFAPreference: write<AdminSetUserMFAPreferenceRequest, object>(
      async (request, context) => {
        const pool = await requirePool(context, request.UserPoolId)
        const { body } = await requireUser(context, pool, request.Username)
        const changed = { ...body, ...preferenceOf(request, body) }
        await putUser(context.records, { pool, user: changed })
        return {}
      },
    ),
    /** The user has to set up another one, where the pool asks for it. */
    AdminDeleteSoftwareToken: write<AdminDeleteSoftwareTokenRequest, object>(
      async (request, context) => {
        const pool = await requirePool(context, request.UserPoolId)
        const { body } = await requireUser(context, pool, request.Username)
        const { sealedTotp: _token, sealedNewTotp: _new, ...rest } = body
        const user = { ...rest, totpEnabled: false, totpPreferred: false }
        await putUser(context.records, { pool, user })
        return {}
      },
    ),
  }
}

async function setConfig(
  request: SetUserPoolMfaConfigRequest,
  context: WriteContext,
): Promise<SetUserPoolMfaConfigResponse> {
  const pool = await requirePool(context, request.UserPoolId)
  refuseNotBuilt({
    'SmsMfaConfiguration: MFA by SMS': request.SmsMfaConfiguration !== undefined,
    'EmailMfaConfiguration: MFA by email': request.EmailMfaConfiguration !== undefined,
    'WebAuthnConfiguration: passkeys': request.WebAuthnConfiguration !== undefined,
  })
  const { MfaConfiguration = 'OFF', SoftwareTokenMfaConfiguration: token } = request
  const softwareTokenMfa = token?.Enabled ?? false
  if (MfaConfiguration !== 'OFF' && !softwareTokenMfa) {
    throw invalid(
      "Invalid MFA configuration given, can't turn on MFA without enabling any MFA methods.",
    )
  }
  const changed: UserPoolRecord = {
    ...{ ...pool, MfaConfiguration, softwareTokenMfa },
    LastModifiedDate: context.now.toISOString(),
  }
  await context.records.put({ kind: 'user-pool', parent: '', id: pool.Id }, changed)
  return shown(changed)
}

function shown({
  MfaConfiguration,
  softwareTokenMfa,
}: UserPoolRecord): GetUserPoolMfaConfigResponse {
  return {
    ...(MfaConfiguration === undefined ? {} : { MfaConfiguration }),
    SoftwareTokenMfaConfiguration: { Enabled: softwareTokenMfa ?? false },
  }
}

type Preference = Pick<
  SetUserMFAPreferenceRequest,
  'SMSMfaSettings' | 'SoftwareTokenMfaSettings' | 'EmailMfaSettings' | 'WebAuthnMfaSettings'
>

function preferenceOf(request: Preference, user: UserRecord): Partial<UserRecord> {
  refuseNotBuilt({
    'SMSMfaSettings: MFA by SMS': request.SMSMfaSettings?.Enabled === true,
    'EmailMfaSettings: MFA by email': request.EmailMfaSettings?.Enabled === true,
    'WebAuthnMfaSettings: passkeys': request.WebAuthnMfaSettings?.Enabled === true,
  })
  const { SoftwareTokenMfaSettings: token } = request
  if (token === undefined) return {}
  const { Enabled = false, PreferredMfa = false } = token
  if (Enabled && user.sealedTotp === undefined) {
    throw invalid('User has not verified software token mfa')
  }
  return { totpEnabled: Enabled, totpPreferred: Enabled && PreferredMfa }
}
