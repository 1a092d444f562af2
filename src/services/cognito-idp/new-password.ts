/** A password that a user is to have from now on: held against the policy, hashed, and made into an SRP verifier. */

import { ServiceError } from '../../aws/service-error.ts'
import { findPasswordProblem, hashPassword } from '../../identity/user-pools/passwords.ts'
import type { PasswordRecord, UserPoolRecord } from '../../identity/user-pools/records.ts'
import { newVerifier } from '../../identity/user-pools/srp.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'

export interface PasswordWish {
  readonly username: string
  readonly password: string
  /** A temporary one: when it ends. */
  readonly expiresAt?: Date
}

/** Throws InvalidPasswordException. Takes a quarter of a second, and no transaction. */
export async function newPassword(
  pools: UserPools,
  pool: UserPoolRecord,
  wish: PasswordWish,
): Promise<PasswordRecord> {
  const { username, password, expiresAt } = wish
  checkPassword(pool, password)
  const [hash, { salt, verifier }] = await Promise.all([
    hashPassword(password),
    newVerifier({ poolName: poolNameOf(pool), userId: username, password }),
  ])
  const sealer = await pools.sealer()
  return {
    hash,
    srpSalt: salt,
    sealedVerifier: sealer.seal(verifierPlace(pool, username), verifier),
    ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }),
  }
}

export function checkPassword({ Policies }: UserPoolRecord, password: string): void {
  const problem = findPasswordProblem(Policies?.PasswordPolicy, password)
  if (problem !== undefined) throw new ServiceError('InvalidPasswordException', problem)
}

export function verifierPlace({ Id }: UserPoolRecord, username: string) {
  return { purpose: 'srp-verifier', of: `${Id} ${username}` } as const
}

/** What SRP calls the pool: its id behind the region. */
export function poolNameOf({ Id }: UserPoolRecord): string {
  return Id.slice(Id.indexOf('_') + 1)
}
