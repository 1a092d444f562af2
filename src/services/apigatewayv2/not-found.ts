/**
 * Resources that a call names and that must be there: the record, or the NotFoundException that AWS answers with.
 *
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html
 */

import { ServiceError } from '../../aws/service-error.ts'
import type { Body } from '../../storage/store.ts'
import type { ReadContext } from '../service.ts'
import type { ApiRecord, Kind } from './records.ts'

/** Kind → what the messages call it. */
const NOUNS = {
  api: 'API',
  route: 'Route',
  integration: 'Integration',
  authorizer: 'Authorizer',
  model: 'Model',
  stage: 'Stage',
  deployment: 'Deployment',
  'domain-name': 'domain name',
  'api-mapping': 'API mapping',
  'routing-rule': 'routing rule',
  'vpc-link': 'VpcLink',
} as const satisfies Partial<Record<Kind, string>>

type NamedKind = keyof typeof NOUNS

/** What calls name that reach below an API. */
export interface ApiChildKey {
  readonly kind: NamedKind
  readonly apiId: string | undefined
  readonly id: string | undefined
}

/** The API of this id in the caller's account and region. */
export async function requireApi(
  context: ReadContext,
  apiId: string | undefined,
): Promise<ApiRecord> {
  const key = { kind: 'api', parent: '', id: apiId! }
  const record = await context.records.get<ApiRecord>(key)
  if (record !== undefined) return record.body
  throw notFound('api', `${context.scope.accountId}:${apiId}`)
}

/** A resource of an API; throws for the API first when that is what is missing. */
export async function requireChild<T extends Body>(
  context: ReadContext,
  { kind, apiId, id }: ApiChildKey,
): Promise<T> {
  await requireApi(context, apiId)
  const record = await context.records.get<T>({ kind, parent: apiId!, id: id! })
  if (record === undefined) throw notFound(kind, id!)
  return record.body
}

/** A resource that stands alone: a domain name, a VPC link. */
export async function requireRecord<T extends Body>(
  context: ReadContext,
  kind: NamedKind,
  id: string | undefined,
): Promise<T> {
  const record = await context.records.get<T>({ kind, parent: '', id: id! })
  if (record === undefined) throw notFound(kind, id!)
  return record.body
}

export function notFound(kind: NamedKind, id: string): ServiceError {
  return new ServiceError('NotFoundException', `Invalid ${NOUNS[kind]} identifier specified ${id}`)
}
