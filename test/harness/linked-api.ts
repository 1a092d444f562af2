/** HTTP APIs whose routes lead through VPC links, made by the official client. */

import {
  type ApiGatewayV2Client,
  CreateApiCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
} from '@aws-sdk/client-apigatewayv2'

/** With a stage that follows every change. Resolves to its id. */
export async function httpApiOver(
  client: ApiGatewayV2Client,
  name: string,
  stage = '$default',
): Promise<string> {
  const made = await client.send(new CreateApiCommand({ Name: name, ProtocolType: 'HTTP' }))
  const given = { ApiId: made.ApiId, StageName: stage, AutoDeploy: true }
  await client.send(new CreateStageCommand(given))
  return made.ApiId!
}

export interface LinkedRoute {
  readonly key: string
  readonly link: string
  readonly uri: string
  readonly parameters?: Record<string, string>
}

export async function linkedRoute(
  client: ApiGatewayV2Client,
  apiId: string,
  { key, link, uri, parameters }: LinkedRoute,
): Promise<void> {
  const integration = await client.send(
    new CreateIntegrationCommand({
      ApiId: apiId,
      IntegrationType: 'HTTP_PROXY',
      IntegrationMethod: 'ANY',
      IntegrationUri: uri,
      ConnectionType: 'VPC_LINK',
      ConnectionId: link,
      PayloadFormatVersion: '1.0',
      ...(parameters === undefined ? {} : { RequestParameters: parameters }),
    }),
  )
  const Target = `integrations/${integration.IntegrationId}`
  await client.send(new CreateRouteCommand({ ApiId: apiId, RouteKey: key, Target }))
}
