/**
 * Through which VPC link an integration of a stage goes, and whether agents serve it.
 *
 * A link belongs to an account and a region like the stage; another's of the same id is none.
 */

import type { HttpApiStage } from '../../domain/http-api.ts'
import type { Link, LinkDocument } from '../../domain/link.ts'
import { OriginUriError } from '../../integrations/http/origin-uri.ts'

/** Throws OriginUriError when it does not exist. */
export function linkOf(
  { accountId, region }: Pick<HttpApiStage, 'accountId' | 'region'>,
  vpcLinkId: string,
  document: LinkDocument | undefined,
): Link {
  const found = document?.links.find(
    (link) =>
      link.vpcLinkId === vpcLinkId && link.accountId === accountId && link.region === region,
  )
  if (found === undefined) throw new OriginUriError(`there is no VPC link ${vpcLinkId}`)
  return found
}

/** `OriginAddress.via` for requests of the stage; undefined: the gateway reaches it by itself. */
export function viaOf(
  { apiId, stageName }: Pick<HttpApiStage, 'apiId' | 'stageName'>,
  { vpcLinkId, reach }: Link,
): string | undefined {
  return reach === 'DIRECT' ? undefined : `${vpcLinkId} ${apiId}/${stageName}`
}
