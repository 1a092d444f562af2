/** Why the control port cannot be talked to, each with what to do about it. */

import { codeOf, type Failure, failure, messageOf } from '../server/failure.ts'
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
  const isRefused = codeOf(cause) === 'ECONNREFUSED'
  return failure(
    isRefused
      ? `No Postern is running here: nothing answers at ${access.url}`
      : `The control port at ${access.url} does not answer: ${printable(messageOf(cause))}`,
    `Start one with postern up, or ${OTHER_PLACE[access.source]}`,
  )
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

export function notAllowed(reason: string): Failure {
  return failure(
    printable(reason),
    'Use a key that may write: postern keys create makes one, postern keys lists them.',
  )
}
