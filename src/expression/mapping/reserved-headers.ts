/**
 * Header fields that no parameter mapping may set or remove.
 *
 * AWS's list (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html, Reserved
 * headers) and every other field that concerns one connection only, whatever its spelling.
 */

import { HEADER_FLAGS, HOP, knownHeaderId } from '../../http/message/known-headers.ts'

const RESERVED_NAMES = new Set([
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-location',
  'expect',
  'forwarded',
  'keep-alive',
  'origin',
  'te',
  'trailer',
  'trailers',
  'transfer-encoding',
  'upgrade',
  'via',
])

const RESERVED_PREFIXES = [
  'access-control-',
  'apigw-',
  'proxy-',
  'x-amz-',
  'x-amzn-',
  'x-forwarded-',
]

/** `lowerName` is the field's name in lower case. */
export function isReservedHeader(lowerName: string): boolean {
  if (RESERVED_NAMES.has(lowerName)) return true
  if (RESERVED_PREFIXES.some((prefix) => lowerName.startsWith(prefix))) return true
  return (HEADER_FLAGS[knownHeaderId(lowerName)]! & HOP) !== 0
}
