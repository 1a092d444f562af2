/**
 * How user pools stand in the store: kinds, parents, bodies.
 *
 * Pools and clients are in the service model's own members, times as ISO 8601 texts. Secrets are sealed (`sealed…`) or
 * hashed, and `services/audit-trail.ts` leaves them out of the log.
 */

import type { UserPoolClientType, UserPoolType } from '@aws-sdk/client-cognito-identity-provider'

type Stored<T> = { [Member in keyof T]: T[Member] extends Date | undefined ? string : T[Member] }

export type UserPoolRecord = Stored<
  Omit<UserPoolType, 'EstimatedNumberOfUsers' | 'Domain' | 'CustomDomain'>
> & {
  readonly Id: string
  readonly softwareTokenMfa?: boolean
}

export type UserPoolClientRecord = Stored<Omit<UserPoolClientType, 'ClientSecret'>> & {
  readonly ClientId: string
  readonly UserPoolId: string
  readonly sealedSecret?: string
}

/** One key that tokens of a pool are signed with, or were. */
export interface SigningKeyRecord {
  readonly kid: string
  /** Modulus, base64url. */
  readonly n: string
  readonly e: string
  /** Undefined: it has been retired, and only checks what it has signed. */
  readonly sealedPrivateKey?: string
  readonly createdAt: string
  readonly retiredAt?: string
}

export type UserStatus = 'UNCONFIRMED' | 'CONFIRMED' | 'FORCE_CHANGE_PASSWORD' | 'RESET_REQUIRED'

export interface UserRecord {
  /** As it was written when the user was made. */
  readonly username: string
  readonly attributes: Readonly<Record<string, string>>
  readonly enabled: boolean
  readonly status: UserStatus
  readonly createdAt: string
  readonly modifiedAt: string
  readonly password?: PasswordRecord
  /** In the order in which they were joined. */
  readonly groups: readonly string[]
  readonly sealedTotp?: string
  /** Associated and not verified yet. */
  readonly sealedNewTotp?: string
  readonly totpEnabled?: boolean
  readonly totpPreferred?: boolean
  /** The last time step whose code was used: a code is good once. */
  readonly totpUsedStep?: number
  /** Tokens of sign-ins before this are void. */
  readonly signedOutAt?: string
}

export interface PasswordRecord {
  /** `scrypt$N$r$p$salt$hash` */
  readonly hash: string
  /** Hex, as SRP clients get it. */
  readonly srpSalt: string
  readonly sealedVerifier: string
  /** A temporary password opens nothing after this. */
  readonly expiresAt?: string
}

/** One sign-in and the refresh tokens that follow from it. */
export interface TokenFamilyRecord {
  readonly originJti: string
  readonly clientId: string
  readonly username: string
  /** Whoever is given the name later has another. */
  readonly sub: string
  /** ISO 8601 */
  readonly authTime: string
  readonly expiresAt: string
  /** Of the refresh token's secret part, SHA-256, base64url. */
  readonly current: string
  /** The one before, which stays good for a moment. */
  readonly previous?: { readonly hash: string; readonly until: string }
  /** Hashes of the ones before that, the last ones: whoever shows one has it from somewhere. */
  readonly spent?: readonly string[]
  readonly revoked?: true
  /** Granted at `/oauth2/token`; undefined: a sign-in by the API. */
  readonly scope?: string
}

export interface GroupRecord {
  readonly name: string
  readonly description?: string
  readonly roleArn?: string
  readonly precedence?: number
  readonly createdAt: string
  readonly modifiedAt: string
}

/** A code that was sent to a user. */
export interface CodeRecord {
  readonly username: string
  readonly mac: string
  readonly expiresAt: string
  /** What it proves: the address it was sent to. */
  readonly attribute?: { readonly name: string; readonly value: string }
}

export interface ResourceServerRecord {
  readonly identifier: string
  readonly name: string
  readonly scopes: readonly { readonly name: string; readonly description: string }[]
}

export interface UserPoolDomainRecord {
  readonly domain: string
  readonly userPoolId: string
}

/** Kind → what its parent is. */
export const KINDS = {
  'user-pool': 'none',
  'user-pool-key': 'pool',
  'user-pool-client': 'pool',
  'user-pool-user': 'pool',
  'user-pool-alias': 'pool',
  'user-pool-group': 'pool',
  'user-pool-group-member': 'pool/group',
  'user-pool-code': 'pool',
  'user-pool-token-family': 'pool',
  'user-pool-resource-server': 'pool',
  'user-pool-domain': 'none',
  'user-pool-customization': 'pool',
  'user-pool-import-job': 'pool',
  'user-pool-import-file': 'pool',
  'outbox-message': 'pool',
} as const

export type Kind = keyof typeof KINDS
