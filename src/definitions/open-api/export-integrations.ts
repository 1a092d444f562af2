/** Integrations to `x-amazon-apigateway-integration`: in the operation, or shared by several under `components`. */

import type { Route } from '@aws-sdk/client-apigatewayv2'
import type { DefinedIntegration, HttpApiDefinition } from '../../domain/http-api-definition.ts'
import { type Written, written } from './written.ts'

const TARGET = /^integrations\/(.+)$/

export class SharedIntegrations {
  /** Those that not exactly one route uses, by id. */
  readonly shared: Written
  readonly #byId: ReadonlyMap<string | undefined, DefinedIntegration>

  constructor({ routes, integrations }: HttpApiDefinition) {
    const uses = new Map<string | undefined, number>()
    for (const route of routes) {
      const id = integrationIdOf(route)
      uses.set(id, (uses.get(id) ?? 0) + 1)
    }
    const shared = integrations
      .filter(({ IntegrationId }) => uses.get(IntegrationId) !== 1)
      .map((each) => [each.IntegrationId!, extensionOf(each)] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1))
    this.shared = Object.fromEntries(shared)
    this.#byId = new Map(integrations.map((each) => [each.IntegrationId, each]))
  }

  /** What the operation of this route says; undefined for a route without a target. */
  of(route: Route): Written | undefined {
    const id = integrationIdOf(route)
    const integration = this.#byId.get(id)
    if (id === undefined || integration === undefined) return undefined
    if (!Object.hasOwn(this.shared, id)) return extensionOf(integration)
    return { $ref: `#/components/x-amazon-apigateway-integrations/${id}` }
  }
}

function integrationIdOf({ Target }: Route): string | undefined {
  return TARGET.exec(Target ?? '')?.[1]
}

function extensionOf(integration: DefinedIntegration): Written {
  const { TlsConfig: tls } = integration
  return written({
    requestParameters: integration.RequestParameters,
    responseParameters: integration.ResponseParameters,
    payloadFormatVersion: integration.PayloadFormatVersion,
    type: integration.IntegrationType?.toLowerCase(),
    integrationSubtype: integration.IntegrationSubtype,
    httpMethod: integration.IntegrationMethod,
    uri: integration.IntegrationUri,
    connectionType: integration.ConnectionType,
    connectionId: integration.ConnectionId,
    credentials: integration.CredentialsArn,
    timeoutInMillis: integration.TimeoutInMillis,
    tlsConfig:
      tls &&
      written({
        serverNameToVerify: tls.ServerNameToVerify,
        insecureSkipVerification: tls.InsecureSkipVerification,
        clientCertificateId: tls.ClientCertificateId,
      }),
    description: integration.Description,
  })
}
