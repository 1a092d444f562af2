/** The error of a response, as a client of the JSON protocols reads it. */

import { SERVICE_ERRORS, ServiceError, type ServiceErrorCode } from './service-error.ts'
import type { WireResponse } from './wire-message.ts'

/** The error that a response carries. A code that we do not know stands before the message. */
export function receivedError(response: WireResponse): ServiceError {
  const { __type, code, message, Message, ...members } = errorMembers(response.body)
  const named = response.headers['x-amzn-errortype'] ?? text(__type) ?? text(code) ?? ''
  // `com.amazonaws.x#NotFoundException:http://internal…` is how some services name theirs.
  const name = named.split(':')[0]!.split('#').at(-1)!
  const sentence = text(message) ?? text(Message) ?? `The answer was ${response.status}.`
  if (!Object.hasOwn(SERVICE_ERRORS, name)) {
    const fallback = response.status < 500 ? 'BadRequestException' : 'InternalServerException'
    return new ServiceError(fallback, name === '' ? sentence : `${name}: ${sentence}`)
  }
  const details = Object.entries(members).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return new ServiceError(name as ServiceErrorCode, sentence, Object.fromEntries(details))
}

function errorMembers(body: Uint8Array): Record<string, unknown> {
  const content = Buffer.from(body).toString()
  try {
    const value: unknown = JSON.parse(content)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // What stands between us and the service answers in its own format.
  }
  return content === '' ? {} : { message: content.slice(0, 200) }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
