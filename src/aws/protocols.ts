/** Which codec speaks a model's protocol. */

import { assert } from '../base/assert.ts'
import type { ClientCodec, Codec } from './codec.ts'
import { JSON_1_1 } from './json-1-1.ts'
import { QUERY } from './query.ts'
import { REST_JSON } from './rest-json.ts'
import type { ServiceModel } from './service-model.ts'

const CODECS = {
  'rest-json': REST_JSON,
  'json-1.1': JSON_1_1,
  query: QUERY,
} as const satisfies Record<ServiceModel['protocol'], Codec>

export function codecOf(model: ServiceModel): Codec {
  return CODECS[model.protocol]
}

/** For who calls; nobody here calls by the Query protocol. */
export function clientCodecOf({ name, protocol }: ServiceModel): ClientCodec {
  assert(protocol !== 'query', `${name} is called by a protocol that we only answer`)
  return CODECS[protocol]
}
