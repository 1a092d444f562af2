/**
 * Sign-in by SRP: the password never leaves the client.
 *
 * What the server has to remember between the two calls is the secret block that the client signs and sends back. An
 * unknown user gets a salt that is always the same and a verifier that nothing opens, after the same work.
 */

import { assert } from '../../base/assert.ts'
import { openSession, sealSession } from '../../identity/user-pools/challenge-session.ts'
import type { UserPoolRecord } from '../../identity/user-pools/records.ts'
import {
  beginTurn,
  isClaimTrue,
  isClientPublic,
  newVerifier,
} from '../../identity/user-pools/srp.ts'
import type { FoundUser } from '../../identity/user-pools/users.ts'
import { type ClientCall, notAuthorized } from './client-call.ts'
import { invalid } from './found.ts'
import type { AuthResponse } from './grant.ts'
import { guarded } from './guarded.ts'
import { poolNameOf, verifierPlace } from './new-password.ts'
import {
  lookUp,
  requireNoReset,
  stampOf,
  tellsExistence,
  unknownUser,
  wrongCredentials,
} from './who.ts'

const CHALLENGE = 'PASSWORD_VERIFIER'
const LIFE_MS = 180_000
const SALT_BYTES = 16

export async function beginSrp(
  call: ClientCall,
  username: string,
  clientPublic: string,
): Promise<AuthResponse> {
  if (!isClientPublic(clientPublic)) throw invalid('SRP_A is not a number of the group.')
  const { pools, known, context } = call
  const found = await lookUp(call, username)
  if (found === undefined && tellsExistence(call)) throw unknownUser()
  requireNoReset(found)
  const { userId, salt, verifier } = await verifierOf(call, found, username)
  const turn = await beginTurn(verifier)
  const session = sealSession(await pools.sealer(), {
    ...{ poolId: known.pool.Id, clientId: known.client.ClientId, username: userId },
    ...{ challenge: CHALLENGE, expiresAt: context.now.getTime() + LIFE_MS },
    stamp: found === undefined ? '' : stampOf(found.body),
    extra: { ...turn, clientPublic },
  })
  return {
    ChallengeName: CHALLENGE,
    ChallengeParameters: {
      ...{ USERNAME: userId, USER_ID_FOR_SRP: userId, SALT: salt, SRP_B: turn.serverPublic },
      SECRET_BLOCK: Buffer.from(session).toString('base64'),
    },
  }
}

/** The user whose password the claim proves. */
export async function finishSrp(
  call: ClientCall,
  responses: Readonly<Record<string, string>>,
): Promise<FoundUser> {
  const { pools, known, context } = call
  const block = Buffer.from(responses['PASSWORD_CLAIM_SECRET_BLOCK'] ?? '', 'base64')
  const session = openSession(await pools.sealer(), block.toString(), context.now)
  const { poolId, clientId, challenge, username = '', extra } = session ?? {}
  const isOurs = poolId === known.pool.Id && clientId === known.client.ClientId
  if (!isOurs || challenge !== CHALLENGE || extra === undefined) throw wrongCredentials()
  const found = await lookUp(call, username)
  const name = found?.body.username ?? username
  return guarded(call, { name }, async () => {
    const user = found !== undefined && stampOf(found.body) === session?.stamp ? found : undefined
    const { verifier } = await verifierOf(call, user, username)
    const timestamp = responses['TIMESTAMP'] ?? ''
    const start = Buffer.from(poolNameOf(known.pool) + username)
    const isTrue = await isClaimTrue({
      turn: { secret: extra['secret']!, serverPublic: extra['serverPublic']! },
      clientPublic: extra['clientPublic']!,
      verifier,
      message: Buffer.concat([start, block, Buffer.from(timestamp)]),
      signature: responses['PASSWORD_CLAIM_SIGNATURE'] ?? '',
    })
    if (isTrue && user !== undefined) return user
    throw notAuthorized('Incorrect username or password.')
  })
}

interface Verifier {
  readonly userId: string
  readonly salt: string
  readonly verifier: Uint8Array
}

/** Of a user with a password, or one that nothing opens. */
async function verifierOf(
  { pools, known }: ClientCall,
  found: FoundUser | undefined,
  name: string,
): Promise<Verifier> {
  const sealer = await pools.sealer()
  const { username, password } = found?.body ?? {}
  const nobodys = await nobodysVerifier()
  if (username === undefined || password === undefined) {
    const of = (what: string) =>
      sealer.mac({ purpose: 'unknown-user', of: `${known.pool.Id} ${what}` }, name)
    const salt = of('salt').subarray(0, SALT_BYTES)
    salt[0] = (salt[0]! & 0x7f) | 0x40
    // The work of opening a real one.
    sealer.open(
      verifierPlace(known.pool, name),
      sealer.seal(verifierPlace(known.pool, name), nobodys),
    )
    return {
      userId: idOfNobody(known.pool, name, of('id')),
      salt: salt.toString('hex'),
      verifier: nobodys,
    }
  }
  const verifier = sealer.open(verifierPlace(known.pool, username), password.sealedVerifier)
  assert(verifier !== undefined, 'a verifier opens with the installation key')
  return { userId: username, salt: password.srpSalt, verifier }
}

/** Where users sign up with an address, names are ids. */
function idOfNobody(pool: UserPoolRecord, name: string, bytes: Buffer): string {
  if (!pool.UsernameAttributes?.length) return name
  const hex = bytes.toString('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

let nobodys: Promise<Buffer> | undefined

/** Made once; that it is always the same is seen by nobody. */
function nobodysVerifier(): Promise<Buffer> {
  nobodys ??= newVerifier({ poolName: '', userId: '', password: crypto.randomUUID() }).then(
    ({ verifier }) => verifier,
  )
  return nobodys
}
