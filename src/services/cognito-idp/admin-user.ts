/**
 * What an administrator does with one user: AdminCreateUser and the others that name a pool and a user.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-create-user-accounts.html
 */

import { randomUUID } from 'node:crypto'
import type {
  AdminConfirmSignUpRequest,
  AdminCreateUserRequest,
  AdminCreateUserResponse,
  AdminDeleteUserAttributesRequest,
  AdminDeleteUserRequest,
  AdminDisableUserRequest,
  AdminEnableUserRequest,
  AdminGetUserRequest,
  AdminGetUserResponse,
  AdminSetUserPasswordRequest,
  AdminUpdateUserAttributesRequest,
} from '@aws-sdk/client-cognito-identity-provider'
import { ServiceError } from '../../aws/service-error.ts'
import { type Contact, putMessage } from '../../identity/user-pools/messages-out.ts'
import { temporaryPassword } from '../../identity/user-pools/passwords.ts'
import type { UserPoolRecord, UserRecord } from '../../identity/user-pools/records.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import { deleteUser, findUser, putUser } from '../../identity/user-pools/users.ts'
import {
  type DecideContext,
  type Decision,
  decide,
  read,
  type WriteContext,
  write,
} from '../service.ts'
import { changedAttributes, newAttributes, withoutAttributes } from './attributes.ts'
import { firstOf } from './contacts.ts'
import { invalid, requirePool } from './found.ts'
import { newPassword } from './new-password.ts'
import { nameOfNew, usernameExists } from './new-user.ts'
import { attributesShown, mfaShown, requireUser, userShown } from './user-found.ts'

const DAY_MS = 86_400_000

export function adminUserOperations(pools: UserPools) {
  return {
    AdminCreateUser: decide<AdminCreateUserRequest, AdminCreateUserResponse>((request, context) =>
      createUser(pools, request, context),
    ),
    AdminSetUserPassword: decide<AdminSetUserPasswordRequest, object>((request, context) =>
      setPassword(pools, request, context),
    ),
    AdminGetUser: read<AdminGetUserRequest, AdminGetUserResponse>(
      async ({ UserPoolId, Username }, context) => {
        const pool = await requirePool(context, UserPoolId)
        const { body } = await requireUser(context, pool, Username)
        const { Attributes: _list, ...shown } = userShown(body)
        const UserAttributes = attributesShown(body.attributes)
        return { ...shown, Username: body.username, UserAttributes, ...mfaShown(body) }
      },
    ),
    AdminConfirmSignUp: write<AdminConfirmSignUpRequest, object>((request, context) =>
      change(context, request, ({ status }) => {
        if (status === 'UNCONFIRMED') return { status: 'CONFIRMED' }
        const message = `User cannot be confirmed. Current status is ${status}`
        throw new ServiceError('NotAuthorizedException', message)
      }),
    ),
    AdminEnableUser: write<AdminEnableUserRequest, object>((request, context) =>
      change(context, request, () => ({ enabled: true })),
    ),
    /** Whoever is signed in is not any more. */
    AdminDisableUser: write<AdminDisableUserRequest, object>((request, context) =>
      change(context, request, () => ({ enabled: false, signedOutAt: context.now.toISOString() })),
    ),
    AdminUpdateUserAttributes: write<AdminUpdateUserAttributesRequest, object>((request, context) =>
      change(context, request, (user, pool) => ({
        attributes: changedAttributes(pool, user, { changes: request.UserAttributes ?? [] }),
      })),
    ),
    AdminDeleteUserAttributes: write<AdminDeleteUserAttributesRequest, object>((request, context) =>
      change(context, request, (user, pool) => ({
        attributes: withoutAttributes(pool, user, { names: request.UserAttributeNames ?? [] }),
      })),
    ),
    AdminDeleteUser: write<AdminDeleteUserRequest, object>(
      async ({ UserPoolId, Username }, context) => {
        const pool = await requirePool(context, UserPoolId)
        const { body } = await requireUser(context, pool, Username)
        await deleteUser(context.records, pool, body)
        return {}
      },
    ),
  }
}

interface Named {
  readonly UserPoolId: string | undefined
  readonly Username: string | undefined
}

async function change(
  context: WriteContext,
  { UserPoolId, Username }: Named,
  changeOf: (user: UserRecord, pool: UserPoolRecord) => Partial<UserRecord>,
): Promise<object> {
  const pool = await requirePool(context, UserPoolId)
  const { body } = await requireUser(context, pool, Username)
  const modifiedAt = context.now.toISOString()
  const user = { ...body, ...changeOf(body, pool), modifiedAt }
  await putUser(context.records, { pool, user })
  return {}
}

async function createUser(
  pools: UserPools,
  request: AdminCreateUserRequest,
  context: DecideContext,
): Promise<Decision<AdminCreateUserResponse>> {
  const pool = await context.read((reading) => requirePool(reading, request.UserPoolId))
  const { PasswordPolicy = {} } = pool.Policies ?? {}
  const { TemporaryPassword: password = temporaryPassword(PasswordPolicy) } = request
  const days = PasswordPolicy.TemporaryPasswordValidityDays || 7
  const expiresAt = new Date(context.now.getTime() + days * DAY_MS)
  if (request.MessageAction === 'RESEND') {
    return resend(pools, request, { pool, password, expiresAt, context })
  }
  const sub = randomUUID()
  const named = nameOfNew(pool, {
    name: request.Username!,
    sub,
    given: request.UserAttributes ?? [],
  })
  const attributes = newAttributes(pool, sub, { changes: named.attributes })
  const at = context.now.toISOString()
  const user: UserRecord = {
    ...{ username: named.username, attributes, enabled: true, status: 'FORCE_CHANGE_PASSWORD' },
    ...{ createdAt: at, modifiedAt: at, groups: [] },
    password: await newPassword(pools, pool, { username: named.username, password, expiresAt }),
  }
  const isSilent = request.MessageAction === 'SUPPRESS'
  return {
    commit: async (writing) => {
      const other = await findUser(writing.records, pool, request.Username!)
      if (other !== undefined) throw usernameExists(pool)
      await putUser(writing.records, { pool, user, force: request.ForceAliasCreation ?? false })
      if (!isSilent) await invite(writing, { pool, user, password, wished: request })
      return { User: userShown(user) }
    },
  }
}

interface Resent {
  readonly pool: UserPoolRecord
  readonly password: string
  readonly expiresAt: Date
  readonly context: DecideContext
}

/** The user gets a new temporary password. */
async function resend(
  pools: UserPools,
  request: AdminCreateUserRequest,
  { pool, password, expiresAt, context }: Resent,
): Promise<Decision<AdminCreateUserResponse>> {
  const { body } = await context.read((reading) => requireUser(reading, pool, request.Username))
  if (body.status !== 'FORCE_CHANGE_PASSWORD') {
    const message = `Resend not possible. ${body.username} status is not FORCE_CHANGE_PASSWORD`
    throw new ServiceError('UnsupportedUserStateException', message)
  }
  const { username } = body
  const record = await newPassword(pools, pool, { username, password, expiresAt })
  return {
    commit: async (writing) => {
      const now = await requireUser(writing, pool, username)
      const user = { ...now.body, password: record, modifiedAt: writing.now.toISOString() }
      await putUser(writing.records, { pool, user })
      await invite(writing, { pool, user, password, wished: request })
      return { User: userShown(user) }
    },
  }
}

interface Invitation {
  readonly pool: UserPoolRecord
  readonly user: UserRecord
  readonly password: string
  readonly wished: AdminCreateUserRequest
}

/** Without an address nobody is written to. */
async function invite(context: WriteContext, invitation: Invitation): Promise<void> {
  const { pool, user, password, wished } = invitation
  const media = wished.DesiredDeliveryMediums ?? []
  const order = media.map((medium): Contact['attribute'] =>
    medium === 'EMAIL' ? 'email' : 'phone_number',
  )
  const contact = firstOf(user, order.length === 0 ? ['email', 'phone_number'] : order)
  if (contact === undefined) return
  const { InviteMessageTemplate: template = {} } = pool.AdminCreateUserConfig ?? {}
  const isEmail = contact.attribute === 'email'
  const text =
    (isEmail ? template.EmailMessage : template.SMSMessage) ??
    'Your username is {username} and temporary password is {####}'
  const body = text.replaceAll('{username}', user.username).replaceAll('{####}', password)
  const subject = isEmail ? (template.EmailSubject ?? 'Your temporary password') : ''
  const { records, now, newId } = context
  const to = { pool, username: user.username, contact, now, newId }
  await putMessage(records, to, { purpose: 'INVITATION', subject, body, code: password })
}

async function setPassword(
  pools: UserPools,
  { UserPoolId, Username, Password: password = '', Permanent = false }: AdminSetUserPasswordRequest,
  context: DecideContext,
): Promise<Decision<object>> {
  const { pool, user } = await context.read(async (reading) => {
    const pool = await requirePool(reading, UserPoolId)
    return { pool, user: (await requireUser(reading, pool, Username)).body }
  })
  if (password === '') throw invalid('Password must not be empty')
  const days = pool.Policies?.PasswordPolicy?.TemporaryPasswordValidityDays || 7
  const expiresAt = new Date(context.now.getTime() + days * DAY_MS)
  const { username } = user
  const wish = Permanent ? { username, password } : { username, password, expiresAt }
  const record = await newPassword(pools, pool, wish)
  const status = Permanent ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD'
  return {
    commit: (writing) =>
      change(writing, { UserPoolId, Username }, () => ({ password: record, status })),
  }
}
