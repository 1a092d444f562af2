/**
 * InitiateAuth and AdminInitiateAuth: the first step of each way to sign in, as far as the client may go it.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
 */

import type {
  AdminInitiateAuthRequest,
  InitiateAuthRequest,
} from '@aws-sdk/client-cognito-identity-provider'
import { ServiceError } from '../../aws/service-error.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import { type DecideContext, type Decision, decide } from '../service.ts'
import { type ClientCall, checkSecretHash, clientCall, mayGo } from './client-call.ts'
import { invalid } from './found.ts'
import type { AuthResponse } from './grant.ts'
import { provePassword } from './prove-password.ts'
import { refresh } from './refresh.ts'
import { proceed } from './sign-in.ts'
import { beginSrp } from './srp-sign-in.ts'

interface Flow {
  /** A client that has one of these may go it. */
  readonly allowedBy: readonly string[]
  /** Only for signed calls, or only for others; undefined: for both. */
  readonly admin?: boolean
  readonly run: (call: ClientCall, given: Given) => Promise<Decision<AuthResponse>>
}

type Given = Readonly<Record<string, string>>

const PASSWORD_BY_ADMIN: Flow = {
  allowedBy: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ADMIN_NO_SRP_AUTH'],
  admin: true,
  run: signInByPassword,
}
const REFRESH: Flow = {
  allowedBy: ['ALLOW_REFRESH_TOKEN_AUTH', 'ADMIN_NO_SRP_AUTH', 'USER_PASSWORD_AUTH'],
  run: (call, given) => {
    const names = (username: string, sub: string) => [username, sub, given['USERNAME'] ?? username]
    const check = (username: string, sub: string) =>
      checkSecretHash(call, names(username, sub), given['SECRET_HASH'])
    return refresh(call, { token: required(given, 'REFRESH_TOKEN'), check, rotate: false })
  },
}

const FLOWS: Readonly<Record<string, Flow>> = {
  USER_SRP_AUTH: { allowedBy: ['ALLOW_USER_SRP_AUTH'], run: signInBySrp },
  USER_PASSWORD_AUTH: {
    allowedBy: ['ALLOW_USER_PASSWORD_AUTH', 'USER_PASSWORD_AUTH'],
    admin: false,
    run: signInByPassword,
  },
  ADMIN_USER_PASSWORD_AUTH: PASSWORD_BY_ADMIN,
  ADMIN_NO_SRP_AUTH: PASSWORD_BY_ADMIN,
  REFRESH_TOKEN_AUTH: REFRESH,
  REFRESH_TOKEN: REFRESH,
}

export function initiateAuthOperations(pools: UserPools) {
  return {
    InitiateAuth: decide<InitiateAuthRequest, AuthResponse>((request, context) => {
      const { ClientId } = request
      return initiate(clientCall(pools, { ClientId }, context), request)
    }),
    AdminInitiateAuth: decide<AdminInitiateAuthRequest, AuthResponse>(
      (request, context: DecideContext) => {
        const { ClientId, UserPoolId } = request
        return initiate(clientCall(pools, { ClientId, UserPoolId }, context), request)
      },
    ),
  }
}

function initiate(
  call: ClientCall,
  { AuthFlow = '' as never, AuthParameters = {} }: InitiateAuthRequest,
): Promise<Decision<AuthResponse>> {
  const flow = Object.hasOwn(FLOWS, AuthFlow) ? FLOWS[AuthFlow]! : undefined
  if (flow === undefined) {
    throw invalid(`AuthFlow: ${AuthFlow} is not supported by this version of Postern.`)
  }
  if (flow.admin !== undefined && flow.admin !== call.isAdmin) {
    throw invalid('Initiate Auth method not supported.')
  }
  if (!mayGo(call, flow.allowedBy)) {
    throw invalid(
      call.isAdmin
        ? 'Auth flow not enabled for this client'
        : `${AuthFlow} flow not enabled for this client`,
    )
  }
  return flow.run(call, AuthParameters)
}

async function signInByPassword(call: ClientCall, given: Given): Promise<Decision<AuthResponse>> {
  const username = required(given, 'USERNAME')
  const password = required(given, 'PASSWORD')
  await checkSecretHash(call, [username], given['SECRET_HASH'])
  return proceed(call, await provePassword(call, username, password), 'password')
}

async function signInBySrp(call: ClientCall, given: Given): Promise<Decision<AuthResponse>> {
  const username = required(given, 'USERNAME')
  const clientPublic = required(given, 'SRP_A')
  await checkSecretHash(call, [username], given['SECRET_HASH'])
  return { answer: await beginSrp(call, username, clientPublic) }
}

/** Longer than this is no name, no password and no token. */
const VALUE_MAX = 2_048

function required(given: Given, name: string): string {
  const value = given[name]
  if (value === undefined || value === '') throw invalid(`Missing required parameter ${name}`)
  if (value.length > VALUE_MAX)
    throw new ServiceError('InvalidParameterException', `${name} is too long`)
  return value
}
