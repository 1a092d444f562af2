/** Which codec speaks a model's protocol. */

import type { Codec } from './codec.ts'
import { JSON_1_1 } from './json-1-1.ts'
import { REST_JSON } from './rest-json.ts'
import type { ServiceModel } from './service-model.ts'

const CODECS: Readonly<Record<ServiceModel['protocol'], Codec>> = {
  'rest-json': REST_JSON,
  'json-1.1': JSON_1_1,
}

export function codecOf(model: ServiceModel): Codec {
  return CODECS[model.protocol]
}
