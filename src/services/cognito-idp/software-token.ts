/**
 * Authenticator apps: AssociateSoftwareToken and VerifySoftwareToken, with an access token, or with the session of a
 * sign-in that may not go on without one.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-totp.html
 */

import type {
  AssociateSoftwareTokenRequest,
  AssociateSoftwareTokenResponse,
  VerifySoftwareTokenRequest,
  VerifySoftwareTokenResponse,
} from '@aws-sdk/client-cognito-identity-provider'
import { ServiceError } from '../../aws/service-error.ts'
import { assert } from '../../base/assert.ts'
import { openSession } from '../../identity/user-pools/challenge-session.ts'
import type { KnownClient } from '../../identity/user-pools/directory.ts'
import type { UserPoolRecord, UserRecord } from '../../identity/user-pools/records.ts'
import { newTotpSecret, stepOfCode } from '../../identity/user-pools/totp.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import { findUser } from '../../identity/user-pools/users.ts'
import { type DecideContext, decide } from '../service.ts'
import { type ClientCall, notAuthorized } from './client-call.ts'
import { invalid } from './found.ts'
import { guarded } from './guarded.ts'
import { changeUser, requireSelf } from './self.ts'
import { sessionOf } from './sign-in.ts'
import { stampOf } from './who.ts'

const SETUP = 'MFA_SETUP'

export function softwareTokenOperations(pools: UserPools) {
  return {
    AssociateSoftwareToken: decide<AssociateSoftwareTokenRequest, AssociateSoftwareTokenResponse>(
      async (request, context) => {
        const who = await whoSetsUp(pools, context, request)
        const { pool } = who.known
        requireSoftwareTokens(pool)
        const sealer = await pools.sealer()
        const SecretCode = newTotpSecret()
        const sealedNewTotp = sealer.seal(totpPlace(pool, who.user), SecretCode)
        const session = who.isSession ? { Session: await setupSession(pools, context, who) } : {}
        return {
          commit: async (writing) => {
            await changeUser(writing, { pool, user: who.user }, () => ({ sealedNewTotp }))
            return { SecretCode, ...session }
          },
        }
      },
    ),
    VerifySoftwareToken: decide<VerifySoftwareTokenRequest, VerifySoftwareTokenResponse>(
      async (request, context) => {
        const who = await whoSetsUp(pools, context, request)
        const { known, user } = who
        const call = { pools, known, context, isAdmin: false }
        const { sealedNewTotp, sealedTotp } = user
        const sealed = sealedNewTotp ?? sealedTotp
        if (sealed === undefined) {
          throw invalid('No software token has been associated with this user.')
        }
        const totpUsedStep = await guarded(call, { name: user.username }, async () => {
          const step = await provenStep(call, user, { code: request.UserCode ?? '', sealed })
          if (step !== undefined) return step
          throw new ServiceError('EnableSoftwareTokenMFAException', 'Code mismatch')
        })
        const verified = { verified: 'true' }
        const session = who.isSession
          ? { Session: await setupSession(pools, context, who, verified) }
          : {}
        const enabled = who.isSession ? { totpEnabled: true, totpPreferred: true } : {}
        return {
          commit: async (writing) => {
            await changeUser(writing, { pool: known.pool, user }, () => ({
              ...{ sealedTotp: sealed, totpUsedStep, ...enabled },
            }))
            return { Status: 'SUCCESS', ...session }
          },
        }
      },
    ),
  }
}

/** The time step of a code that is right and has not been used; undefined: it is not. */
export async function provenStep(
  { pools, known, context }: Pick<ClientCall, 'pools' | 'known' | 'context'>,
  user: UserRecord,
  { code, sealed = '' }: { readonly code: string; readonly sealed: string | undefined },
): Promise<number | undefined> {
  const sealer = await pools.sealer()
  const secret = sealer.open(totpPlace(known.pool, user), sealed)
  assert(secret !== undefined, 'a TOTP secret opens with the installation key')
  const isNew = sealed !== user.sealedTotp
  const usedStep = isNew ? undefined : user.totpUsedStep
  return stepOfCode(secret.toString(), code, { now: context.now, usedStep })
}

export function requireSoftwareTokens({
  softwareTokenMfa,
  MfaConfiguration,
}: UserPoolRecord): void {
  if (softwareTokenMfa === true && MfaConfiguration !== 'OFF') return
  throw new ServiceError(
    'SoftwareTokenMFANotFoundException',
    'Software Token MFA has not been enabled by the userPool',
  )
}

interface WhoSetsUp {
  readonly known: KnownClient
  readonly user: UserRecord
  readonly isSession: boolean
}

async function whoSetsUp(
  pools: UserPools,
  context: DecideContext,
  { AccessToken, Session = '' }: AssociateSoftwareTokenRequest,
): Promise<WhoSetsUp> {
  if (AccessToken !== undefined) {
    return { ...(await requireSelf(pools, context, AccessToken)), isSession: false }
  }
  const session = openSession(await pools.sealer(), Session, context.now)
  const known = pools.directory.client(session?.clientId ?? '')
  if (session?.challenge !== SETUP || known === undefined) throw invalidSession()
  const found = await context.read(({ records }) => findUser(records, known.pool, session.username))
  if (found === undefined || stampOf(found.body) !== session.stamp) throw invalidSession()
  return { known, user: found.body, isSession: true }
}

function setupSession(
  pools: UserPools,
  context: DecideContext,
  { known, user }: WhoSetsUp,
  extra: Readonly<Record<string, string>> = {},
): Promise<string> {
  return sessionOf({ pools, known, context }, user, { name: SETUP, extra })
}

function totpPlace({ Id }: UserPoolRecord, { attributes }: UserRecord) {
  return { purpose: 'totp-secret', of: `${Id} ${attributes['sub']}` } as const
}

function invalidSession(): ServiceError {
  return notAuthorized('Invalid session for the user.')
}
