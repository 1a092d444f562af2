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
import type { CodeRecord, UserRecord } from '../../identity/user-pools/records.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import { putUser } from '../../identity/user-pools/users.ts'
import { type DecideContext, type Decision, decide } from '../service.ts'
import { notAuthorized } from './client-call.ts'
import { countSending, proveCode, sendingCode } from './code-check.ts'
import { contactToRecover } from './contacts.ts'
import { invalid, requirePool } from './found.ts'
import { namedUser } from './named-user.ts'
import { checkPassword, newPassword } from './new-password.ts'
import { pretendSending } from './pretend.ts'
import { requireUser } from './user-found.ts'
import { tellsExistence } from './who.ts'

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
  request: ForgotPasswordRequest,
  context: DecideContext,
): Promise<Decision<ForgotPasswordResponse>> {
  const { call, found, name } = await namedUser(pools, request, context)
  countSending(call, `${PURPOSE} ${found?.body.username ?? name}`)
  if (found === undefined) return pretendSending(call, name, 'email')
  const { username, enabled, status } = found.body
  const contact = contactToRecover(call.known.pool, found.body)
  if (contact !== undefined && enabled && status !== 'FORCE_CHANGE_PASSWORD') {
    return sendingCode(call, { username, purpose: PURPOSE, contact })
  }
  if (tellsExistence(call)) throw notResettable(found.body)
  return pretendSending(call, name, 'email')
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
  const { ConfirmationCode: code = '', Password = '' } = request
  const { call, found, name } = await namedUser(pools, request, context)
  const { pool } = call.known
  checkPassword(pool, Password)
  const proven = await proveCode(call, found?.body ?? name, { purpose: PURPOSE, code })
  const { username } = found!.body
  const password = await newPassword(pools, pool, { username, password: Password })
  const key = codeKey(pool.Id, username, PURPOSE)
  return {
    commit: async (writing) => {
      const { records, now } = writing
      // Used by another call meanwhile.
      const waiting = await records.get<CodeRecord>(key)
      if (waiting?.body.mac !== proven.mac) throw usedCode()
      const { body } = await requireUser(writing, pool, username)
      const { name: address, value } = proven.attribute ?? { name: '', value: '' }
      // It was sent to an address that is not his any more.
      if (body.attributes[address] !== value) throw usedCode()
      const attributes = { ...body.attributes, [`${address}_verified`]: 'true' }
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
