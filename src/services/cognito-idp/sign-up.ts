/**
 * SignUp, ConfirmSignUp and ResendConfirmationCode: a user makes himself.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
 */

import { randomUUID } from 'node:crypto'
import type {
  ConfirmSignUpRequest,
  ConfirmSignUpResponse,
  ResendConfirmationCodeRequest,
  ResendConfirmationCodeResponse,
  SignUpRequest,
  SignUpResponse,
} from '@aws-sdk/client-cognito-identity-provider'
import type { ServiceError } from '../../aws/service-error.ts'
import { codeKey, newCode, sendCode } from '../../identity/user-pools/codes.ts'
import { deliveryTo } from '../../identity/user-pools/messages-out.ts'
import type { UserRecord } from '../../identity/user-pools/records.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import { findUser, putUser } from '../../identity/user-pools/users.ts'
import { type DecideContext, type Decision, decide } from '../service.ts'
import { newAttributes } from './attributes.ts'
import { checkSecretHash, clientCall, notAuthorized } from './client-call.ts'
import { countSending, proveCode, sendingCode } from './code-check.ts'
import { contactToVerify } from './contacts.ts'
import { invalid } from './found.ts'
import { namedUser } from './named-user.ts'
import { newPassword } from './new-password.ts'
import { nameOfNew, usernameExists } from './new-user.ts'
import { pretendSending } from './pretend.ts'
import { requireUser } from './user-found.ts'
import { lookUp, tellsExistence } from './who.ts'

export function signUpOperations(pools: UserPools) {
  return {
    SignUp: decide<SignUpRequest, SignUpResponse>((request, context) =>
      signUp(pools, request, context),
    ),
    ConfirmSignUp: decide<ConfirmSignUpRequest, ConfirmSignUpResponse>((request, context) =>
      confirmSignUp(pools, request, context),
    ),
    ResendConfirmationCode: decide<ResendConfirmationCodeRequest, ResendConfirmationCodeResponse>(
      (request, context) => resendCode(pools, request, context),
    ),
  }
}

async function signUp(
  pools: UserPools,
  { ClientId, Username = '', Password = '', SecretHash, UserAttributes = [] }: SignUpRequest,
  context: DecideContext,
): Promise<Decision<SignUpResponse>> {
  const call = clientCall(pools, { ClientId }, context)
  const { pool, client } = call.known
  await checkSecretHash(call, [Username], SecretHash)
  if (pool.AdminCreateUserConfig?.AllowAdminCreateUserOnly === true) {
    throw notAuthorized('SignUp is not permitted for this user pool')
  }
  const sub = randomUUID()
  const named = nameOfNew(pool, { name: Username, sub, given: UserAttributes })
  const { username } = named
  const attributes = newAttributes(pool, sub, { changes: named.attributes, client })
  if ((await lookUp(call, Username)) !== undefined) throw usernameExists(pool)
  countSending(call, `sign-up ${context.caller.sourceIp}`, SIGN_UPS_FREE)
  const at = context.now.toISOString()
  const user: UserRecord = {
    ...{ username, attributes, enabled: true, status: 'UNCONFIRMED', groups: [] },
    ...{ createdAt: at, modifiedAt: at },
    password: await newPassword(pools, pool, { username, password: Password }),
  }
  const contact = contactToVerify(pool, user)
  const sealer = await pools.sealer()
  const code = newCode()
  return {
    commit: async ({ records, now, newId }) => {
      if ((await findUser(records, pool, Username)) !== undefined) throw usernameExists(pool)
      await putUser(records, { pool, user })
      const answer = { UserConfirmed: false, UserSub: sub }
      if (contact === undefined) return answer
      await sendCode(records, {
        pool,
        username,
        purpose: 'sign-up',
        contact,
        code,
        sealer,
        now,
        newId,
      })
      return { ...answer, CodeDeliveryDetails: deliveryTo(contact) }
    },
  }
}

/** Users that one address makes before each further one waits. */
const SIGN_UPS_FREE = 100

async function confirmSignUp(
  pools: UserPools,
  request: ConfirmSignUpRequest,
  context: DecideContext,
): Promise<Decision<ConfirmSignUpResponse>> {
  const { call, found, name } = await namedUser(pools, request, context)
  const { pool } = call.known
  const code = request.ConfirmationCode ?? ''
  const record = await proveCode(call, found?.body ?? name, { purpose: 'sign-up', code })
  const user = found!.body
  if (user.status !== 'UNCONFIRMED') {
    throw notAuthorized(`User cannot be confirmed. Current status is ${user.status}`)
  }
  return {
    commit: async (writing) => {
      const { body } = await requireUser(writing, pool, user.username)
      const { name: proven, value } = record.attribute ?? { name: '', value: '' }
      const isSame = body.attributes[proven] === value
      const attributes = isSame
        ? { ...body.attributes, [`${proven}_verified`]: 'true' }
        : body.attributes
      const confirmed: UserRecord = { ...body, attributes, status: 'CONFIRMED' }
      const force = request.ForceAliasCreation ?? false
      await putUser(writing.records, {
        ...{ pool, force },
        user: { ...confirmed, modifiedAt: writing.now.toISOString() },
      })
      await writing.records.delete(codeKey(pool.Id, user.username, 'sign-up'))
      return {}
    },
  }
}

async function resendCode(
  pools: UserPools,
  request: ResendConfirmationCodeRequest,
  context: DecideContext,
): Promise<Decision<ResendConfirmationCodeResponse>> {
  const { call, found, name } = await namedUser(pools, request, context)
  const { pool } = call.known
  if (!pool.AutoVerifiedAttributes?.length && !pool.UsernameAttributes?.length) throw noContact()
  countSending(call, `sign-up ${found?.body.username ?? name}`)
  const isWaiting = found?.body.status === 'UNCONFIRMED'
  const contact = isWaiting ? contactToVerify(pool, found.body) : undefined
  if (found !== undefined && contact !== undefined) {
    const { username } = found.body
    return sendingCode(call, { username, purpose: 'sign-up', contact })
  }
  if (found === undefined || !tellsExistence(call)) return pretendSending(call, name, 'email')
  throw isWaiting ? noContact() : invalid('User is already confirmed.')
}

function noContact(): ServiceError {
  return invalid('Cannot resend codes. Auto verification not turned on.')
}
