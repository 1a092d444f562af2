/**
 * Forgotten passwords: ForgotPassword, ConfirmForgotPassword, and AdminResetUserPassword.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
 */

import type {
  AdminResetUserPasswordRequest,
  ConfirmForgotPasswordRequest,
  ForgotPasswordRequest,
  ForgotPasswordResponse,
} from '@aws-sdk/client-cognito-identity-provider'
import { ServiceError } from '../../aws/service-error.ts'
import { codeKey, newCode, sendCode } from '../../identity/user-pools/codes.ts'
import { deliveryTo } from '../../identity/user-pools/messages-out.ts'
import type { UserRecord } from '../../identity/user-pools/records.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import { putUser } from '../../identity/user-pools/users.ts'
import { type DecideContext, type Decision, decide } from '../service.ts'
import { checkSecretHash, clientCall, notAuthorized } from './client-call.ts'
import { countSending, proveCode } from './code-check.ts'
import { contactToRecover } from './contacts.ts'
import { invalid, requirePool } from './found.ts'
import { checkPassword, newPassword } from './new-password.ts'
import { pretendSending } from './pretend.ts'
import { requireUser } from './user-found.ts'
import { lookUp, tellsExistence, unknownUser } from './who.ts'

const PURPOSE = 'forgot-password'

export function forgotPasswordOperations(pools: UserPools) {
  return {
    ForgotPassword: decide<ForgotPasswordRequest, ForgotPasswordResponse>((request, context) =>
      forgotPassword(pools, request, context),
    ),
    ConfirmForgotPassword: decide<ConfirmForgotPasswordRequest, object>((request, context) =>
      confirmForgotPassword(pools, request, context),
    ),
    AdminResetUserPassword: decide<AdminResetUserPasswordRequest, object>((request) =>
      resetPassword(pools, request),
    ),
  }
}

async function forgotPassword(
  pools: UserPools,
  { ClientId, Username = '', SecretHash }: ForgotPasswordRequest,
  context: DecideContext,
): Promise<Decision<ForgotPasswordResponse>> {
  const call = clientCall(pools, { ClientId }, context)
  const { pool } = call.known
  await checkSecretHash(call, [Username], SecretHash)
  const found = await lookUp(call, Username)
  if (found === undefined && tellsExistence(call)) throw unknownUser()
  countSending(call, `${PURPOSE} ${found?.body.username ?? Username}`)
  const contact = found && contactToRecover(pool, found.body)
  const isAble = found?.body.enabled === true && found.body.status !== 'FORCE_CHANGE_PASSWORD'
  if (found === undefined || contact === undefined || !isAble) {
    if (found !== undefined && tellsExistence(call)) throw notResettable(found.body)
    return pretendSending(call, Username, 'email')
  }
  const { username } = found.body
  const sealer = await pools.sealer()
  const code = newCode()
  return {
    commit: async ({ records, now, newId }) => {
      await sendCode(records, {
        pool,
        username,
        purpose: PURPOSE,
        contact,
        code,
        sealer,
        now,
        newId,
      })
      return { CodeDeliveryDetails: deliveryTo(contact) }
    },
  }
}

function notResettable({ enabled, status }: UserRecord) {
  if (!enabled) return notAuthorized('User is disabled.')
  if (status === 'FORCE_CHANGE_PASSWORD') {
    return notAuthorized('User password cannot be reset in the current state.')
  }
  return invalid(
    'Cannot reset password for the user as there is no registered/verified email or phone_number',
  )
}

async function confirmForgotPassword(
  pools: UserPools,
  request: ConfirmForgotPasswordRequest,
  context: DecideContext,
): Promise<Decision<object>> {
  const { ClientId, Username = '', ConfirmationCode = '', Password = '', SecretHash } = request
  const call = clientCall(pools, { ClientId }, context)
  const { pool } = call.known
  await checkSecretHash(call, [Username], SecretHash)
  checkPassword(pool, Password)
  const found = await lookUp(call, Username)
  if (found === undefined && tellsExistence(call)) throw unknownUser()
  const proven = await proveCode(call, found?.body ?? Username, {
    ...{ purpose: PURPOSE, code: ConfirmationCode },
  })
  const { username } = found!.body
  const password = await newPassword(pools, pool, { username, password: Password })
  const key = codeKey(pool.Id, username, PURPOSE)
  return {
    commit: async (writing) => {
      const { records, now } = writing
      const code = await records.get(key)
      // Used by another call meanwhile.
      if ((code?.body as { mac?: string } | undefined)?.mac !== proven.mac) throw usedCode()
      const { body } = await requireUser(writing, pool, username)
      const { name, value } = proven.attribute ?? { name: '', value: '' }
      // It was sent to an address that is not his any more.
      if (body.attributes[name] !== value) throw usedCode()
      const attributes = { ...body.attributes, [`${name}_verified`]: 'true' }
      const user = { ...body, attributes, password, status: 'CONFIRMED' as const }
      await putUser(records, { pool, user: { ...user, modifiedAt: now.toISOString() } })
      await records.delete(key)
      return {}
    },
  }
}

function usedCode() {
  return new ServiceError(
    'ExpiredCodeException',
    'Invalid code provided, please request a code again.',
  )
}

/** The password that the user has is good no more; a code goes to him. */
async function resetPassword(
  pools: UserPools,
  { UserPoolId, Username }: AdminResetUserPasswordRequest,
): Promise<Decision<object>> {
  const sealer = await pools.sealer()
  const code = newCode()
  return {
    commit: async (writing) => {
      const { records, now, newId } = writing
      const pool = await requirePool(writing, UserPoolId)
      const { body } = await requireUser(writing, pool, Username)
      const contact = contactToRecover(pool, body)
      if (contact === undefined)
        throw notResettable({ ...body, enabled: true, status: 'CONFIRMED' })
      const { password: _, ...rest } = body
      const user: UserRecord = { ...rest, status: 'RESET_REQUIRED', modifiedAt: now.toISOString() }
      await putUser(records, { pool, user })
      const { username } = body
      await sendCode(records, {
        pool,
        username,
        purpose: PURPOSE,
        contact,
        code,
        sealer,
        now,
        newId,
      })
      return {}
    },
  }
}
