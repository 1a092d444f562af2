/**
 * The expression that tells who the client of a call is: `$context.authorizer.claims.client_id`,
 * `$request.header.x-tenant`, `${context.identity.sourceIp} ${request.header.user-agent}`.
 *
 * It is evaluated before a byte of the body is read, so it cannot read the body.
 */

import type { RequestSource } from './context-source.ts'
import { MappingError } from './mapping/mapping-error.ts'
import { REQUEST_ROOTS, type Read } from './mapping/references.ts'
import { compileValue } from './mapping/value-expression.ts'

export interface ClientKey {
  /** Undefined or '': the call has no such value. */
  readonly read: Read<RequestSource>
  /** The value is a secret of the client: it is known by its digest everywhere. */
  readonly isSecret: boolean
}

const SECRET = /request\.header\.(?:x-api-key|authorization|cookie|proxy-authorization)(?![\w-])/i

/** Throws MappingError. */
export function compileClientKey(
  expression: string,
  stageVariables: Readonly<Record<string, string>>,
): ClientKey {
  const place = { key: 'client', target: 'query', stageVariables, roots: REQUEST_ROOTS } as const
  const { read, readsBody, constant } = compileValue<RequestSource>(expression, place)
  if (readsBody) {
    throw new MappingError(
      'client',
      `\`${expression}\` reads the body, and limits are decided before a byte of it is read`,
      'Tell clients apart by a claim, a header, or $context.identity.sourceIp.',
    )
  }
  if (constant !== undefined) {
    throw new MappingError(
      'client',
      `\`${expression}\` is the same for every call`,
      'Write a reference such as $context.authorizer.claims.client_id.',
    )
  }
  return { read, isSecret: SECRET.test(expression) }
}
