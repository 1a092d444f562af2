/**
 * A user pool as its hosted pages see it: settings of the pages, and what users do on them.
 *
 * What a user does is the same public operation that an SDK would call, with the client's own secret hash, so that policies,
 * codes, messages and the slowing down of guesses are the same. Errors become sentences that say nothing about other users.
 */

import { createHmac } from 'node:crypto'
import { ServiceError } from '../../aws/service-error.ts'
import {
  CUSTOMIZATION_KIND,
  EVERY_CLIENT,
  type HostedCustomization,
  logoType,
} from '../../identity/hosted-pages/customization.ts'
import type { UserLabel } from '../../identity/hosted-pages/sign-in-pages.ts'
import { readTheme } from '../../identity/hosted-pages/theme.ts'
import type { SignedIn } from '../../identity/oauth/authorization-codes.ts'
import type { OAuthClient } from '../../identity/oauth/oauth-client.ts'
import type { Done, Refused, SignedUp } from '../../identity/oauth/page-outcome.ts'
import type {
  NewUser,
  PageCaller,
  PageSettings,
  PasswordReset,
} from '../../identity/oauth/page-port.ts'
import { openClientSecret } from '../../identity/user-pools/client-secret.ts'
import type { UserPoolRecord } from '../../identity/user-pools/records.ts'
import { HostedTokens } from './hosted-tokens.ts'

const SLOW = 'Too many attempts. Please wait a while and try again.'
const WRONG_CODE = 'The code is wrong, or its time is over. You can ask for a new one.'

export class HostedPool extends HostedTokens {
  async findClient(clientId: string): Promise<OAuthClient | undefined> {
    const { pools } = this.parts
    const client = pools.directory.client(clientId)?.client
    if (client === undefined || client.UserPoolId !== this.poolId) return undefined
    const { sealedSecret, DefaultRedirectURI } = client
    const isOn = client.AllowedOAuthFlowsUserPoolClient === true
    return {
      clientId,
      name: client.ClientName ?? clientId,
      secret: sealedSecret && openClientSecret(await pools.sealer(), clientId, sealedSecret),
      callbackUrls: client.CallbackURLs ?? [],
      defaultRedirectUri: DefaultRedirectURI,
      logoutUrls: client.LogoutURLs ?? [],
      flows: isOn ? (client.AllowedOAuthFlows ?? []) : [],
      scopes: client.AllowedOAuthScopes ?? [],
      // None named is Cognito's default for clients that were made before there were others.
      hasOwnUsers: client.SupportedIdentityProviders?.includes('COGNITO') ?? true,
    }
  }

  async pageSettings(client: OAuthClient | undefined): Promise<PageSettings> {
    const { pool } = this.parts.known
    const policy = pool.Policies?.PasswordPolicy ?? {}
    return {
      userLabel: labelOf(pool),
      rules: {
        minimumLength: policy.MinimumLength ?? 8,
        requireLowercase: policy.RequireLowercase ?? false,
        requireUppercase: policy.RequireUppercase ?? false,
        requireNumbers: policy.RequireNumbers ?? false,
        requireSymbols: policy.RequireSymbols ?? false,
      },
      canSignUp: pool.AdminCreateUserConfig?.AllowAdminCreateUserOnly !== true,
      signUpAttributes: signUpAttributes(pool),
      ...(await this.#lookOf(client)),
    }
  }

  async isStillSignedIn(signedIn: SignedIn): Promise<boolean> {
    return (await this.parts.read((records) => this.userOf(records, signedIn))) !== undefined
  }

  async signUp(caller: PageCaller, user: NewUser): Promise<SignedUp | Refused> {
    const { username: Username, password: Password, attributes } = user
    const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }))
    const input = { Username, Password, UserAttributes }
    try {
      const done = await this.#call('SignUp', caller, input)
      return {
        kind: 'done',
        isConfirmed: (done as { UserConfirmed?: boolean }).UserConfirmed === true,
      }
    } catch (thrown) {
      const code = codeOf(thrown)
      const isTaken = code === 'UsernameExistsException' || code === 'AliasExistsException'
      // The page that follows says the same to whoever has an account already.
      if (isTaken && this.#hidesUsers(caller)) return { kind: 'done', isConfirmed: false }
      return refusedOf(thrown, 'This account cannot be made.')
    }
  }

  confirmSignUp(caller: PageCaller, Username: string, ConfirmationCode: string): Promise<Done> {
    return this.#try('ConfirmSignUp', caller, { Username, ConfirmationCode })
  }

  resendCode(caller: PageCaller, Username: string): Promise<Done> {
    return this.#ask('ResendConfirmationCode', caller, { Username })
  }

  forgotPassword(caller: PageCaller, Username: string): Promise<Done> {
    return this.#ask('ForgotPassword', caller, { Username })
  }

  confirmForgotPassword(caller: PageCaller, reset: PasswordReset): Promise<Done> {
    const { username: Username, code: ConfirmationCode, password: Password } = reset
    return this.#try('ConfirmForgotPassword', caller, { Username, ConfirmationCode, Password })
  }

  async #try(operation: string, caller: PageCaller, input: NamedInput): Promise<Done> {
    try {
      await this.#call(operation, caller, input)
      return { kind: 'done' }
    } catch (thrown) {
      return refusedOf(thrown, WRONG_CODE)
    }
  }

  /** Whether there was anybody to send something to is not told. */
  async #ask(operation: string, caller: PageCaller, input: NamedInput): Promise<Done> {
    try {
      await this.#call(operation, caller, input)
    } catch (thrown) {
      const refused = refusedOf(thrown, '')
      if (refused.message === SLOW) return refused
    }
    return { kind: 'done' }
  }

  #call(operation: string, caller: PageCaller, input: NamedInput): Promise<object> {
    const make = (proof: object) => ({ ...input, ...proof })
    return this.callAs(operation, caller, {
      username: input.Username,
      hashName: 'SecretHash',
      make,
    })
  }

  /** A public operation, by the client that the page is for; `make` puts the client's proof where it belongs. */
  protected callAs(
    operation: string,
    { client, sourceIp }: PageCaller,
    { username, hashName, make }: CallShape,
  ): Promise<object> {
    const { clientId: ClientId, secret } = client
    const proof =
      secret === undefined ? {} : { [hashName]: secretHash(secret, username + ClientId) }
    return this.parts.call(operation, { ...make(proof), ClientId }, sourceIp)
  }

  #hidesUsers({ client }: PageCaller): boolean {
    const record = this.parts.pools.directory.client(client.clientId)?.client
    return record?.PreventUserExistenceErrors !== 'LEGACY'
  }

  /** A client's own customization stands for all of the pool's. */
  async #lookOf(client: OAuthClient | undefined): Promise<Pick<PageSettings, 'css' | 'logo'>> {
    const ids = [...(client === undefined ? [] : [client.clientId]), EVERY_CLIENT]
    const found = await this.parts.read(async (records) => {
      for (const id of ids) {
        const key = { kind: CUSTOMIZATION_KIND, parent: this.poolId, id }
        const record = await records.get<HostedCustomization>(key)
        if (record !== undefined) return record.body
      }
      return undefined
    })
    const bytes = found?.image === undefined ? undefined : Buffer.from(found.image, 'base64')
    const type = bytes && logoType(bytes)
    return {
      css: readTheme(found?.css ?? ''),
      logo: bytes === undefined || type === undefined ? undefined : { type, bytes },
    }
  }
}

type NamedInput = { readonly Username: string } & Readonly<Record<string, unknown>>

interface CallShape {
  readonly username: string
  readonly hashName: 'SecretHash' | 'SECRET_HASH'
  readonly make: (proof: object) => object
}

function labelOf({ UsernameAttributes = [] }: UserPoolRecord): UserLabel {
  const hasEmail = UsernameAttributes.includes('email')
  const hasPhone = UsernameAttributes.includes('phone_number')
  if (hasEmail && hasPhone) return 'Email or phone number'
  if (hasEmail) return 'Email'
  return hasPhone ? 'Phone number' : 'Username'
}

/** What is required, and where codes go; the name that users sign in with is asked for by itself. */
function signUpAttributes(pool: UserPoolRecord): string[] {
  const { SchemaAttributes = [], AutoVerifiedAttributes = [], UsernameAttributes = [] } = pool
  const required = SchemaAttributes.filter(({ Required }) => Required === true)
  const names = [...AutoVerifiedAttributes, ...required.map(({ Name = '' }) => Name)]
  return [...new Set<string>(names)].filter(
    (name) => name !== 'sub' && !(UsernameAttributes as readonly string[]).includes(name),
  )
}

/** Bugs and a store that cannot be used go on. */
export function refusedOf(thrown: unknown, otherwise: string): Refused {
  if (!(thrown instanceof ServiceError)) throw thrown
  return { kind: 'refused', message: messageFor(thrown, otherwise) }
}

function messageFor({ code, message }: ServiceError, otherwise: string): string {
  switch (code as string) {
    case 'TooManyRequestsException':
    case 'LimitExceededException':
    case 'TooManyFailedAttemptsException':
      return SLOW
    case 'InvalidPasswordException':
    case 'InvalidParameterException':
      return message
    case 'UsernameExistsException':
    case 'AliasExistsException':
      return 'There is an account of this name already.'
    default:
      return otherwise
  }
}

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof ServiceError ? thrown.code : undefined
}

/** https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html */
function secretHash(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64')
}
