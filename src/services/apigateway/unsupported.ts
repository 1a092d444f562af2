/** Operations of apigateway that later work brings, each with the feature that it belongs to. */

import type { ServiceModel } from '../../aws/service-model.ts'
import type { UnsupportedOperation } from '../service.ts'

/** What the name of an operation ends with, behind its verb → the feature. The first that fits counts. */
const FEATURES: readonly (readonly [noun: RegExp, feature: string])[] = [
  [/DomainNameAccessAssociation/, 'private custom domain names'],
  [/VpcLink/, 'VPC links of REST APIs'],
  [/Documentation/, 'documentation of REST APIs'],
  [/Sdk/, 'generated SDKs'],
  [/^(?:Tag|Untag)Resource|^GetTags/, 'tags of usage plans and API keys'],
  [/Account/, 'account settings of REST APIs'],
]
const OTHERWISE = 'REST APIs'

/** All that are not among the built ones. */
export function unsupportedOperations(
  { operations }: ServiceModel,
  built: object,
): Readonly<Record<string, UnsupportedOperation>> {
  const names = Object.keys(operations).filter((name) => !Object.hasOwn(built, name))
  return Object.fromEntries(
    names.map((name) => [name, { kind: 'unsupported', feature: featureOf(name) }]),
  )
}

function featureOf(operation: string): string {
  return FEATURES.find(([noun]) => noun.test(operation))?.[1] ?? OTHERWISE
}
