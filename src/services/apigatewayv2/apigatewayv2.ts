/**
 * The service `apigatewayv2`: every operation of its model, one table a resource noun.
 *
 * Operations write records and nothing else; what follows for the requests is done by `live-stages.ts` after the batch
 * of calls that they are part of.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/api-reference.html
 */

import type { ServiceModel } from '../../aws/service-model.ts'
import type { Service } from '../service.ts'
import { apiOperations } from './api.ts'
import { apiMappingOperations } from './api-mapping.ts'
import { authorizerOperations } from './authorizer.ts'
import { deploymentOperations } from './deployment.ts'
import { domainNameOperations } from './domain-name.ts'
import { importExportOperations } from './import-export.ts'
import { integrationOperations } from './integration.ts'
import { modelOperations } from './model.ts'
import { routeOperations } from './route.ts'
import { routingRuleOperations } from './routing-rule.ts'
import { stageOperations } from './stage.ts'
import { tagOperations } from './tags.ts'
import { unsupportedOperations } from './unsupported.ts'
import { vpcLinkOperations } from './vpc-link.ts'

export function apiGatewayV2(model: ServiceModel): Service {
  return {
    model,
    operations: {
      ...apiOperations,
      ...routeOperations,
      ...integrationOperations,
      ...authorizerOperations,
      ...modelOperations,
      ...stageOperations,
      ...deploymentOperations,
      ...importExportOperations,
      ...domainNameOperations,
      ...apiMappingOperations,
      ...routingRuleOperations,
      ...vpcLinkOperations,
      ...tagOperations,
      ...unsupportedOperations,
    },
  }
}
