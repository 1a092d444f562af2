/**
 * The service `servicediscovery`, Cloud Map: namespaces, services, instances. What it has not refuses, with the feature that
 * is missing.
 *
 * https://docs.aws.amazon.com/cloud-map/latest/api/Welcome.html
 */

import { withConstraints } from '../../aws/constraints.ts'
import type { ServiceModel } from '../../aws/service-model.ts'
import type { Service, UnsupportedOperation } from '../service.ts'
import { CONSTRAINTS } from './constraints.ts'
import { discoverOperations } from './discover.ts'
import { MODEL } from './generated/model.ts'
import { instanceOperations } from './instance.ts'
import { mapServiceOperations } from './map-service.ts'
import { namespaceOperations } from './namespace.ts'
import { operationOperations } from './operation.ts'
import { tagOperations } from './tags.ts'

const BUILT = {
  ...namespaceOperations,
  ...mapServiceOperations,
  ...instanceOperations,
  ...discoverOperations,
  ...operationOperations,
  ...tagOperations,
}

export function serviceDiscovery(): Service {
  const model = withConstraints(JSON.parse(MODEL) as ServiceModel, CONSTRAINTS)
  const unsupported: Record<string, UnsupportedOperation> = {}
  for (const name of Object.keys(model.operations)) {
    if (Object.hasOwn(BUILT, name)) continue
    unsupported[name] = { kind: 'unsupported', feature: 'public DNS namespaces' }
  }
  return { model, operations: { ...BUILT, ...unsupported } }
}
