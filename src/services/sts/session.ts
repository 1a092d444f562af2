/** Who calls, and sessions of a user under his own name. */

import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read } from '../service.ts'
import type { IssueCredentials } from './credentials.ts'

interface SessionTokenRequest {
  readonly DurationSeconds?: number
  readonly SerialNumber?: string
  readonly TokenCode?: string
}

const SESSION_SECONDS = 43_200

export function sessionOperations(issue: IssueCredentials) {
  return { ...IDENTITY, GetSessionToken: sessionOf(issue) }
}

const IDENTITY = {
  GetCallerIdentity: read<object, object>(async (_request, { caller }) => {
    const { accountId, signer } = caller
    const Arn = signer?.arn ?? `arn:aws:iam::${accountId}:root`
    return { UserId: signer?.userId ?? accountId, Account: accountId, Arn }
  }),
}

function sessionOf(issue: IssueCredentials) {
  return read<SessionTokenRequest, object>(async (request, context) => {
    const { SerialNumber, TokenCode, DurationSeconds = SESSION_SECONDS } = request
    if (SerialNumber !== undefined || TokenCode !== undefined) throw noMfa()
    const { account, id } = ownUser(context)
    return { Credentials: await issue(context, { account, id, seconds: DurationSeconds }) }
  })
}

export function noMfa(): ServiceError {
  return new ServiceError(
    'InvalidInputException',
    'MFA is not supported by this version of Postern.',
  )
}

function ownUser({ caller }: ReadContext): { account: string; id: string } {
  const { signer } = caller
  if (signer?.kind === 'user') return { account: signer.accountId, id: signer.userId }
  throw new ServiceError(
    'AccessDeniedException',
    signer === undefined
      ? 'A session is for an IAM user: keys of the account itself have none.'
      : 'Cannot call GetSessionToken with session credentials',
  )
}
