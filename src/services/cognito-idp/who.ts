/**
 * The user that somebody says he is: found by whatever name, and told of only to those who may know who exists.
 */

import { ServiceError } from '../../aws/service-error.ts'
import type { UserRecord } from '../../identity/user-pools/records.ts'
import { type FoundUser, findUser } from '../../identity/user-pools/users.ts'
import { type ClientCall, notAuthorized } from './client-call.ts'

/** What the refusal of a guess says, whether it is the user or the password that is wrong. */
export function wrongCredentials(): ServiceError {
  return notAuthorized('Incorrect username or password.')
}

export function lookUp(
  { known, context }: ClientCall,
  name: string,
): Promise<FoundUser | undefined> {
  return context.read(({ records }) => findUser(records, known.pool, name))
}

/** Unknown users are told of only where the client asks for it. */
export function tellsExistence({ known }: ClientCall): boolean {
  return known.client.PreventUserExistenceErrors === 'LEGACY'
}

/** A user without a password has none that could be right. */
export function requireNoReset(found: FoundUser | undefined): void {
  if (found?.body.status !== 'RESET_REQUIRED' || found.body.password !== undefined) return
  throw new ServiceError('PasswordResetRequiredException', 'Password reset required for the user')
}

export function unknownUser(): ServiceError {
  return new ServiceError('UserNotFoundException', 'User does not exist.')
}

export function requireUsable({ enabled, status }: UserRecord): void {
  if (!enabled) throw notAuthorized('User is disabled.')
  if (status === 'UNCONFIRMED') {
    throw new ServiceError('UserNotConfirmedException', 'User is not confirmed.')
  }
  if (status !== 'RESET_REQUIRED') return
  throw new ServiceError('PasswordResetRequiredException', 'Password reset required for the user')
}

/** Differs when the user may no longer sign in with what he has shown. */
export function stampOf({ password, signedOutAt = '', enabled, status }: UserRecord): string {
  return [password?.srpSalt ?? '', signedOutAt, enabled, status].join(' ')
}
