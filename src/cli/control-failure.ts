/** Why the control port cannot be talked to, each with what to do about it. */

import { messageOf } from '../base/message-of.ts'
import { codeOf, type Failure, failure } from '../server/failure.ts'
import type { ControlAccess } from './control-access.ts'
import { printable } from './text-table.ts'

/** How one names another place, by what named this one. */
const OTHER_PLACE: Readonly<Record<ControlAccess['source'], string>> = {
  '--endpoint': 'name another address: --endpoint URL.',
  AWS_ENDPOINT_URL:
    'is AWS_ENDPOINT_URL that of another Postern? eval "$(postern env)" sets it anew.',
  '--data': 'name another folder: --data DIR.',
}

/** No answer at all. */
export function unreachable(access: ControlAccess, thrown: unknown): Failure {
  const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown
  const other = `Start one with postern up, or ${OTHER_PLACE[access.source]}`
  if (codeOf(cause) === 'ECONNREFUSED') {
    return failure(`No Postern is running here: nothing answers at ${access.url}`, other)
  }
  const reason = printable(messageOf(cause))
  return failure(
    `The control port at ${access.url} does not answer: ${reason}`,
    mendFor(reason) ?? other,
  )
}

/** What fails before anything is asked. */
function mendFor(reason: string): string | undefined {
  if (reason === 'bad port') {
    return 'Web clients never call this port, since another protocol owns it: start Postern with another --control PORT.'
  }
  if (!/TLS|SSL/.test(reason)) return undefined
  return 'The control port speaks plain HTTP: write http:// unless a proxy of yours adds TLS.'
}

/** An answer, but of something else. */
export function notPostern(access: ControlAccess, what: string): Failure {
  return failure(
    `What answers at ${access.url} is no Postern, or another version of it: ${printable(what)}`,
    `Is another program listening there? Else ${OTHER_PLACE[access.source]}`,
  )
}

export function notAccepted({ key, url }: ControlAccess, reason: string): Failure {
  const [first = ''] = reason.split('\n')
  return failure(
    key === undefined
      ? `Postern at ${url} wants a signed call, and no access key was found`
      : `Postern at ${url} does not accept the access key ${printable(key.accessKeyId)}: ${printable(first)}`,
    'On its machine eval "$(postern env)" hands out a key; elsewhere set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  )
}

/** Names in a refusal, and the command that lists what there is. */
const LISTS: readonly (readonly [named: RegExp, mend: string])[] = [
  [/^Invalid Stage identifier/, 'postern stages lists them.'],
  [/^Invalid Deployment identifier/, 'postern deployments lists them.'],
  [/^There is no access key/, 'postern keys lists them.'],
]

export function refused(reason: string): Failure {
  return failure(reason, LISTS.find(([named]) => named.test(reason))?.[1])
}

export function notAllowed(reason: string): Failure {
  return failure(
    printable(reason),
    'Use a key that may write: postern keys create makes one, postern keys lists them.',
  )
}
