/**
 * The service apigateway (v1), as far as it is built: API keys, usage plans and their usage, custom domain names and base path
 * mappings, for the stages of HTTP APIs.
 * Every other operation refuses with the feature that it belongs to.
 */

import type { ServiceModel } from '../../aws/service-model.ts'
import type { Service } from '../service.ts'
import { apiKeyOperations } from './api-key.ts'
import { basePathMappingOperations } from './base-path-mapping.ts'
import { domainNameOperations } from './domain-name.ts'
import { planKeyOperations } from './plan-keys.ts'
import { unsupportedOperations } from './unsupported.ts'
import { usageOperations } from './usage.ts'
import { usagePlanOperations } from './usage-plan.ts'

export function apiGateway(model: ServiceModel): Service {
  const built = {
    ...apiKeyOperations,
    ...usagePlanOperations,
    ...planKeyOperations,
    ...usageOperations,
    ...domainNameOperations,
    ...basePathMappingOperations,
  }
  return { model, operations: { ...unsupportedOperations(model, built), ...built } }
}
