/**
 * Quick create: an API with a Target gets an integration, a route and a `$default` stage that deploys by itself, all
 * three marked as managed.
 *
 * The managed integration can be changed but not deleted; the key of a managed route changes through UpdateApi only.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop.html#http-api-quick-create
 */

import type { Integration } from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import type { WriteContext } from '../service.ts'
import { putIntegration, putNewIntegration } from './integration.ts'
import { listAll } from './paging.ts'
import type { IntegrationRecord, RouteRecord } from './records.ts'
import { putNewRoute, putRouteKey } from './route.ts'
import { newStageRecord } from './stage.ts'

interface QuickCreateParts {
  readonly Target: string | undefined
  readonly RouteKey: string | undefined
  readonly CredentialsArn: string | undefined
}

const MANAGED = { ApiGatewayManaged: true } as const

export async function quickCreate(
  context: WriteContext,
  apiId: string,
  { Target, RouteKey, CredentialsArn }: QuickCreateParts & { readonly Target: string },
): Promise<void> {
  const { IntegrationId } = await putNewIntegration(context, apiId, {
    ...integrationTo(Target),
    ...(CredentialsArn ? { CredentialsArn } : {}),
    ...MANAGED,
  })
  await putNewRoute(context, apiId, {
    RouteKey: RouteKey || '$default',
    Target: `integrations/${IntegrationId}`,
    ...MANAGED,
  })
  const stage = newStageRecord('$default', context.now, { AutoDeploy: true, ...MANAGED })
  await context.records.put({ kind: 'stage', parent: apiId, id: '$default' }, stage)
}

/** Changes what quick create has made, as far as UpdateApi says so. */
export async function updateQuickCreated(
  context: WriteContext,
  apiId: string,
  { Target, RouteKey, CredentialsArn }: QuickCreateParts,
): Promise<void> {
  if (Target || CredentialsArn) {
    const integration = await managed<IntegrationRecord>(context, apiId, 'integration')
    await putIntegration(context, apiId, {
      ...(Target ? retargeted(integration, Target) : integration),
      ...(CredentialsArn ? { CredentialsArn } : {}),
    })
  }
  if (RouteKey) {
    const route = await managed<RouteRecord>(context, apiId, 'route')
    await putRouteKey(context, apiId, { route, routeKey: RouteKey })
  }
}

/** A function's ARN is invoked, an address is proxied to. */
function integrationTo(target: string): Integration {
  if (/^arn:/i.test(target)) {
    return {
      IntegrationType: 'AWS_PROXY',
      IntegrationMethod: 'POST',
      IntegrationUri: target,
      PayloadFormatVersion: '2.0',
    }
  }
  return {
    IntegrationType: 'HTTP_PROXY',
    IntegrationMethod: 'ANY',
    IntegrationUri: target,
    PayloadFormatVersion: '1.0',
  }
}

/** The method and the payload format of one type make no sense for the other; within a type they are kept. */
function retargeted(integration: IntegrationRecord, target: string): IntegrationRecord {
  const made = integrationTo(target)
  const isSameType = made.IntegrationType === integration.IntegrationType
  return { ...integration, ...(isSameType ? { IntegrationUri: target } : made) }
}

async function managed<T extends { ApiGatewayManaged?: boolean | undefined }>(
  context: WriteContext,
  apiId: string,
  kind: 'integration' | 'route',
): Promise<T> {
  const records = await listAll<T>(context, { kind, parent: apiId })
  const found = records.find(({ body }) => body.ApiGatewayManaged === true)
  if (found !== undefined) return found.body
  throw new ServiceError(
    'BadRequestException',
    `Target, RouteKey and CredentialsArn change what quick create has made, and this API has no managed ${kind}`,
  )
}
