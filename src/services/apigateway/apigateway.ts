/**
 * The service apigateway (v1), as far as it is built: API keys, usage plans and their usage, custom domain names and base path
 * mappings, for the stages of HTTP APIs; certificates that are shown to origins.
 * Every other operation refuses with the feature that it belongs to.
 */

import type { ServiceModel } from '../../aws/service-model.ts'
import type { OpenSealer } from '../../certificates/tls-records.ts'
import type { Service } from '../service.ts'
import { apiKeyOperations } from './api-key.ts'
import { basePathMappingOperations } from './base-path-mapping.ts'
import { clientCertificateOperations } from './client-certificate.ts'
import { domainNameOperations } from './domain-name.ts'
import { importKeysOperations } from './import-api-keys.ts'
import { planKeyOperations } from './plan-keys.ts'
import { unsupportedOperations } from './unsupported.ts'
import { usageOperations } from './usage.ts'
import { usagePlanOperations } from './usage-plan.ts'

export function apiGateway(model: ServiceModel, openSealer: OpenSealer): Service {
  const built = {
    ...apiKeyOperations,
    ...importKeysOperations,
    ...usagePlanOperations,
    ...planKeyOperations,
    ...usageOperations,
    ...domainNameOperations,
    ...basePathMappingOperations,
    ...clientCertificateOperations(openSealer),
  }
  return { model, operations: { ...unsupportedOperations(model, built), ...built } }
}
