/**
 * The front door: a domain name of the company's own with its certificate, and the API behind it, by the ordinary SDKs of
 * Certificate Manager and API Gateway. The API's own address is closed, so the name is the only way to it.
 */

import { ACMClient, RequestCertificateCommand } from '@aws-sdk/client-acm'
import {
  ApiGatewayV2Client,
  CreateApiMappingCommand,
  CreateDomainNameCommand,
  GetApisCommand,
} from '@aws-sdk/client-apigatewayv2'
import type { Endpoint } from './facts.ts'

/** Names under `.localhost` lead to this machine without any set-up, and the local authority signs for them. */
export const API_NAME = 'api.private.localhost'

export async function openFrontDoor(endpoint: Endpoint): Promise<void> {
  const certificates = new ACMClient(endpoint)
  const gateway = new ApiGatewayV2Client(endpoint)
  const { CertificateArn } = await certificates.send(
    new RequestCertificateCommand({ DomainName: API_NAME }),
  )
  await gateway.send(
    new CreateDomainNameCommand({
      DomainName: API_NAME,
      DomainNameConfigurations: [
        { CertificateArn, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' },
      ],
    }),
  )
  const { Items: apis } = await gateway.send(new GetApisCommand({}))
  const { ApiId } = apis!.find(({ Name }) => Name === 'Private API')!
  const mapping = { DomainName: API_NAME, ApiId, Stage: '$default' }
  await gateway.send(new CreateApiMappingCommand(mapping))
}
