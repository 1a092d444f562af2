/**
 * RespondToAuthChallenge and AdminRespondToAuthChallenge: the next step of a sign-in that has begun.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RespondToAuthChallenge.html
 */

import type {
  AdminRespondToAuthChallengeRequest,
  RespondToAuthChallengeRequest,
} from '@aws-sdk/client-cognito-identity-provider'
import { ServiceError } from '../../aws/service-error.ts'
import { assert } from '../../base/assert.ts'
import { type ChallengeSession, openSession } from '../../identity/user-pools/challenge-session.ts'
import type { UserRecord } from '../../identity/user-pools/records.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import { type FoundUser, putUser } from '../../identity/user-pools/users.ts'
import { type DecideContext, type Decision, decide, Refused } from '../service.ts'
import { changedAttributes } from './attributes.ts'
import { type ClientCall, checkSecretHash, clientCall, notAuthorized } from './client-call.ts'
import { invalid } from './found.ts'
import type { AuthResponse } from './grant.ts'
import { guarded } from './guarded.ts'
import { newPassword } from './new-password.ts'
import { proceed } from './sign-in.ts'
import { provenStep } from './software-token.ts'
import { finishSrp } from './srp-sign-in.ts'
import { lookUp, stampOf } from './who.ts'

type Responses = Readonly<Record<string, string>>
type Respond = (
  call: ClientCall,
  responses: Responses,
  session: string | undefined,
) => Promise<Decision<AuthResponse>>

const CHALLENGES: Readonly<Record<string, Respond>> = {
  PASSWORD_VERIFIER: async (call, responses) =>
    proceed(call, await finishSrp(call, responses), 'password'),
  NEW_PASSWORD_REQUIRED: setNewPassword,
  SOFTWARE_TOKEN_MFA: checkSoftwareToken,
  MFA_SETUP: finishSetup,
}

export function respondToAuthChallengeOperations(pools: UserPools) {
  return {
    RespondToAuthChallenge: decide<RespondToAuthChallengeRequest, AuthResponse>(
      (request, context) => {
        const { ClientId } = request
        return respond(clientCall(pools, { ClientId }, context), request)
      },
    ),
    AdminRespondToAuthChallenge: decide<AdminRespondToAuthChallengeRequest, AuthResponse>(
      (request, context: DecideContext) => {
        const { ClientId, UserPoolId } = request
        return respond(clientCall(pools, { ClientId, UserPoolId }, context), request)
      },
    ),
  }
}

async function respond(
  call: ClientCall,
  { ChallengeName = '' as never, ChallengeResponses = {}, Session }: RespondToAuthChallengeRequest,
): Promise<Decision<AuthResponse>> {
  if (!Object.hasOwn(CHALLENGES, ChallengeName)) {
    throw invalid(`ChallengeName: ${ChallengeName} is not supported by this version of Postern.`)
  }
  const { USERNAME = '', SECRET_HASH } = ChallengeResponses
  if (USERNAME === '') throw invalid('Missing required parameter USERNAME')
  await checkSecretHash(call, [USERNAME], SECRET_HASH)
  return CHALLENGES[ChallengeName]!(call, ChallengeResponses, Session)
}

async function setNewPassword(
  call: ClientCall,
  responses: Responses,
  text: string | undefined,
): Promise<Decision<AuthResponse>> {
  const { user } = await sessionUser(call, { responses, text, challenge: 'NEW_PASSWORD_REQUIRED' })
  const { NEW_PASSWORD: password = '' } = responses
  if (password === '') throw invalid('Missing required parameter NEW_PASSWORD')
  const { pools, known, context } = call
  const { pool, client } = known
  const written = Object.entries(responses)
    .filter(([name]) => name.startsWith('userAttributes.'))
    .map(([name, Value]) => ({ Name: name.slice('userAttributes.'.length), Value }))
  const attributes = changedAttributes(pool, user.body, { changes: written, client })
  const changed: UserRecord = {
    ...user.body,
    attributes,
    status: 'CONFIRMED',
    password: await newPassword(pools, pool, { username: user.body.username, password }),
    modifiedAt: context.now.toISOString(),
  }
  const next = await proceed(call, { ...user, body: changed }, 'password')
  return {
    commit: async (writing) => {
      const now = await writing.records.get<UserRecord>(user)
      if (now === undefined || stampOf(now.body) !== stampOf(user.body)) {
        return new Refused(invalidSession())
      }
      await putUser(writing.records, { pool, user: changed })
      return 'answer' in next ? next.answer : next.commit(writing)
    },
  }
}

async function checkSoftwareToken(
  call: ClientCall,
  responses: Responses,
  text: string | undefined,
): Promise<Decision<AuthResponse>> {
  const { user } = await sessionUser(call, { responses, text, challenge: 'SOFTWARE_TOKEN_MFA' })
  const { SOFTWARE_TOKEN_MFA_CODE: code = '' } = responses
  const { username } = user.body
  const totpUsedStep = await guarded(call, { name: username }, async () => {
    const step = await provenStep(call, user.body, { code, sealed: user.body.sealedTotp })
    if (step !== undefined) return step
    throw new ServiceError('CodeMismatchException', 'Invalid code received for user')
  })
  const next = await proceed(call, user, 'all')
  assert('commit' in next, 'a user with a password and a code gets tokens')
  return {
    commit: async (writing) => {
      const now = await writing.records.get<UserRecord>(user)
      // The same code in two calls at once is good for one of them.
      if ((now?.body.totpUsedStep ?? -1) >= totpUsedStep) {
        return new Refused(
          new ServiceError(
            'CodeMismatchException',
            'Your software token has already been used once.',
          ),
        )
      }
      const body: UserRecord = { ...(now?.body ?? user.body), totpUsedStep }
      await putUser(writing.records, { pool: call.known.pool, user: body })
      return next.commit(writing)
    },
  }
}

/** The token was verified with the session before. */
async function finishSetup(
  call: ClientCall,
  responses: Responses,
  text: string | undefined,
): Promise<Decision<AuthResponse>> {
  const { user, session } = await sessionUser(call, { responses, text, challenge: 'MFA_SETUP' })
  if (session.extra?.['verified'] !== 'true' || user.body.sealedTotp === undefined) {
    throw invalid('MFA setup is not complete: verify a software token first.')
  }
  return proceed(call, user, 'all')
}

interface Shown {
  readonly responses: Responses
  readonly text: string | undefined
  readonly challenge: string
}

/** Whose session it is. Throws when it is over, was made for something else, or the user has changed since. */
async function sessionUser(
  call: ClientCall,
  { responses, text = '', challenge }: Shown,
): Promise<{ readonly user: FoundUser; readonly session: ChallengeSession }> {
  const { pools, known, context } = call
  const session = openSession(await pools.sealer(), text, context.now)
  if (session === undefined)
    throw notAuthorized('Invalid session for the user, session is expired.')
  const isOurs = session.clientId === known.client.ClientId && session.challenge === challenge
  const user = await lookUp(call, session.username)
  if (!isOurs || user === undefined || stampOf(user.body) !== session.stamp) throw invalidSession()
  const named = await lookUp(call, responses['USERNAME'] ?? '')
  if (named?.id !== user.id) throw invalidSession()
  return { user, session }
}

function invalidSession(): ServiceError {
  return notAuthorized('Invalid session for the user.')
}
