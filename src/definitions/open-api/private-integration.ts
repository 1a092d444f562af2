/**
 * An integration over a VPC link, as workers call it: a listener or a service by its ARN, or a URL inside.
 *
 * An ARN has no path, so its target gets the path of the request as the client wrote it, with the stage in front
 * (`overwrite:path` replaces all of it); a URL says its path itself.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-private.html
 */

import type { Integration } from '../../domain/http-api.ts'
import type { DefinedIntegration } from '../../domain/http-api-definition.ts'
import type { Finding } from '../document/problem-list.ts'
import { findUriProblem } from './integration-uri.ts'
import { findPrivateUriProblem } from './resource-uri.ts'

type PrivateMembers = Pick<Integration, 'integrationUri' | 'vpcLinkId' | 'listenerArn'>

/** What is wrong with the address of an integration over a VPC link; undefined: nothing. */
export function findLinkedUriProblem(
  uri: string,
  stageVariables: Readonly<Record<string, string>> | undefined,
): Finding | undefined {
  return /^https?:/i.test(uri) ? findUriProblem(uri, stageVariables) : findPrivateUriProblem(uri)
}

/** The address of an integration of either connection type, which has been checked. */
export function addressMembers(written: DefinedIntegration, stageName: string): PrivateMembers {
  const { ConnectionId: vpcLinkId, IntegrationUri: integrationUri = '', TlsConfig } = written
  if (vpcLinkId === undefined) return { integrationUri }
  if (!/^arn:/i.test(integrationUri)) return { integrationUri, vpcLinkId }
  const prefix = stageName === '$default' ? '' : `/${stageName}`
  const host = hostOf(integrationUri)
  // Plain HTTP, unless a name is to be verified.
  const scheme = TlsConfig?.ServerNameToVerify === undefined ? 'http' : 'https'
  return {
    integrationUri: `${scheme}://${host}${prefix}`,
    vpcLinkId,
    listenerArn: integrationUri,
  }
}

/** `…:listener/app/inside/50dc/f2f7` → `inside`, `…:service/srv-1?a=b` → `srv-1`: it stands for the target in the Host field. */
function hostOf(arn: string): string {
  return /:(?:listener\/(?:app|net)|service)\/([\w-]+)/.exec(arn)?.[1] ?? 'private'
}
