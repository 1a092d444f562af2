/**
 * Signing in on the hosted pages: the steps of the API (`sign-in.ts`), ending in a session of the browser.
 *
 * A page may ask for a password whatever the client's ExplicitAuthFlows are, as at Cognito: they are about programs. Guesses
 * are counted with those at the API.
 */

import type { InitiateAuthResponse } from '@aws-sdk/client-cognito-identity-provider'
import { ServiceError } from '../../aws/service-error.ts'
import type { Refused, SignInOutcome } from '../../identity/oauth/page-outcome.ts'
import type {
  ChallengeAnswer,
  NewPasswordAnswer,
  PageCaller,
} from '../../identity/oauth/page-port.ts'
import { findUser } from '../../identity/user-pools/users.ts'
import { HostedPool, refusedOf } from './hosted-pool.ts'
import { provePassword } from './prove-password.ts'
import { proceed } from './sign-in.ts'

const WRONG = 'Incorrect username or password.'
const OVER = 'The sign-in took too long. Please start again.'
const CODE_WRONG = 'The code is wrong, or was used before. Wait for the next one.'

export class HostedSignIn extends HostedPool {
  async signIn(caller: PageCaller, username: string, password: string): Promise<SignInOutcome> {
    try {
      const call = this.callOf(caller.client)
      const user = await provePassword(call, username, password)
      const next = await proceed(call, user, 'password')
      // What would be tokens of the API is not written: the application gets its own for a code.
      if ('commit' in next) return this.#signedIn(user.body.username)
      return this.#outcomeOf(caller, next.answer, user.body.username)
    } catch (thrown) {
      return failureOf(thrown, WRONG)
    }
  }

  answerAuthenticator(caller: PageCaller, answer: ChallengeAnswer): Promise<SignInOutcome> {
    const { session, username, code } = answer
    const responses = { SOFTWARE_TOKEN_MFA_CODE: code }
    return this.#respond(caller, { session, username, name: 'SOFTWARE_TOKEN_MFA', responses })
  }

  answerNewPassword(caller: PageCaller, answer: NewPasswordAnswer): Promise<SignInOutcome> {
    const { session, username, password, attributes } = answer
    const own = Object.entries(attributes).map(([name, value]) => [`userAttributes.${name}`, value])
    const responses = { NEW_PASSWORD: password, ...Object.fromEntries(own) }
    return this.#respond(caller, { session, username, name: 'NEW_PASSWORD_REQUIRED', responses })
  }

  async #respond(caller: PageCaller, response: Response): Promise<SignInOutcome> {
    const { session, username, name, responses } = response
    try {
      const answer = await this.callAs('RespondToAuthChallenge', caller, {
        username,
        hashName: 'SECRET_HASH',
        make: (proof) => ({
          ChallengeName: name,
          Session: session,
          ChallengeResponses: { USERNAME: username, ...responses, ...proof },
        }),
      })
      return await this.#outcomeOf(caller, answer as InitiateAuthResponse, username)
    } catch (thrown) {
      return mayTryAgain(thrown)
        ? { ...refusedOf(thrown, CODE_WRONG), session }
        : failureOf(thrown, OVER)
    }
  }

  async #outcomeOf(
    { client }: PageCaller,
    answer: InitiateAuthResponse,
    username: string,
  ): Promise<SignInOutcome> {
    const { ChallengeName: name, Session: session = '', ChallengeParameters = {} } = answer
    switch (name) {
      case undefined: {
        const { RefreshToken } = answer.AuthenticationResult ?? {}
        if (RefreshToken !== undefined) await this.revoke(client, RefreshToken)
        return this.#signedIn(username)
      }
      case 'SOFTWARE_TOKEN_MFA':
        return { kind: 'authenticator', session, username }
      case 'NEW_PASSWORD_REQUIRED':
        return { kind: 'new-password', session, username, missing: missingOf(ChallengeParameters) }
      default:
        return {
          kind: 'refused',
          message: 'This account needs a second factor first, which the application has to set up.',
        }
    }
  }

  /** `username` has been proved to be his. */
  async #signedIn(username: string): Promise<SignInOutcome> {
    const { known, now, read } = this.parts
    const user = await read((records) => findUser(records, known.pool, username))
    if (user === undefined) return { kind: 'refused', message: WRONG }
    const { username: name, attributes } = user.body
    const signedIn = { poolId: this.poolId, username: name, sub: attributes['sub'] ?? '' }
    return { kind: 'signed-in', signedIn: { ...signedIn, authTimeMs: now().getTime() } }
  }
}

interface Response {
  readonly session: string
  readonly username: string
  readonly name: string
  readonly responses: Readonly<Record<string, string>>
}

function missingOf(parameters: Readonly<Record<string, string>>): string[] {
  const names = JSON.parse(parameters['requiredAttributes'] ?? '[]') as string[]
  return names.map((name) => name.replace(/^userAttributes\./, ''))
}

/** The session of the challenge is still good. */
function mayTryAgain(thrown: unknown): boolean {
  const codes = ['CodeMismatchException', 'InvalidPasswordException', 'InvalidParameterException']
  return thrown instanceof ServiceError && codes.includes(thrown.code)
}

function failureOf(thrown: unknown, otherwise: string): SignInOutcome {
  const code = thrown instanceof ServiceError ? thrown.code : ''
  if (code === 'UserNotConfirmedException') return { kind: 'unconfirmed' }
  if (code === 'PasswordResetRequiredException') return { kind: 'reset' }
  const refused: Refused = refusedOf(thrown, otherwise)
  const isSlowed = thrown instanceof ServiceError && /attempts exceeded/i.test(thrown.message)
  return isSlowed ? { ...refused, message: SLOW } : refused
}

const SLOW = 'Too many attempts. Please wait a while and try again.'
