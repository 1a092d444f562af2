/**
 * How often a user's secret may be guessed at: by name, whether there is such a user or not, and by the address that the
 * guesses come from.
 */

import { ServiceError } from '../../aws/service-error.ts'
import { addressName } from '../../identity/user-pools/attempts.ts'
import { userIdOf } from '../../identity/user-pools/users.ts'
import { type ClientCall, notAuthorized } from './client-call.ts'

/** So many guesses at one user fail before each further one waits, as on AWS. */
const USER_FREE = 5
/** Behind one address there may be a company. */
const ADDRESS_FREE = 50

/**
 * One guess at a user's secret. A refusal counts against the user and the address that it comes from; whoever has guessed
 * too often is not even listened to.
 */
export async function guarded<T>(
  call: ClientCall,
  user: { readonly name: string; readonly what?: string },
  work: () => Promise<T>,
): Promise<T> {
  const { pools, known, context, isAdmin } = call
  const nowMs = context.now.getTime()
  const { what = 'password' } = user
  const name = `${what} ${known.pool.Id} ${userIdOf(known.pool, user.name)}`
  const ofUser = pools.attempts.take(name, USER_FREE, nowMs)
  const address = addressName(context.caller.sourceIp)
  const ofAddress = isAdmin ? undefined : pools.attempts.take(address, ADDRESS_FREE, nowMs)
  if (ofUser === undefined || (ofAddress === undefined && !isAdmin)) {
    ofUser?.released()
    ofAddress?.released()
    throw tooManyAttempts(what)
  }
  try {
    const result = await work()
    ofUser.succeeded()
    ofAddress?.released()
    return result
  } catch (thrown) {
    if (isWrongGuess(thrown)) {
      ofUser.failed()
      ofAddress?.failed()
    } else {
      ofUser.released()
      ofAddress?.released()
    }
    throw thrown
  }
}

function tooManyAttempts(what: string): ServiceError {
  if (what === 'password') return notAuthorized('Password attempts exceeded')
  return new ServiceError(
    'LimitExceededException',
    'Attempt limit exceeded, please try after some time.',
  )
}

const WRONG_GUESSES = [
  'NotAuthorizedException',
  'UserNotFoundException',
  'CodeMismatchException',
  'ExpiredCodeException',
  'EnableSoftwareTokenMFAException',
]

function isWrongGuess(thrown: unknown): boolean {
  return thrown instanceof ServiceError && WRONG_GUESSES.includes(thrown.code)
}
