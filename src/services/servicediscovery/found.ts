/** Finding what a call of Cloud Map names, making ids and ARNs, and lists. */

import { createHash } from 'node:crypto'
import { ServiceError, type ServiceErrorCode } from '../../aws/service-error.ts'
import { type Body, InvalidCursor } from '../../storage/store.ts'
import type { ReadContext, WriteContext } from '../service.ts'
import { INSTANCE, NAMESPACE, SERVICE } from './kinds.ts'
import type { InstanceRecord, NamespaceRecord, ServiceRecord } from './records.ts'

const PAGE = 100

export function namespaceOf(context: ReadContext, idOrArn: string): Promise<NamespaceRecord> {
  const key = { kind: NAMESPACE, parent: '', id: idOf(idOrArn) }
  return found(context, key, ['NamespaceNotFound', `The namespace ${idOrArn}`])
}

export function serviceOf(context: ReadContext, idOrArn: string): Promise<ServiceRecord> {
  const key = { kind: SERVICE, parent: '', id: idOf(idOrArn) }
  return found(context, key, ['ServiceNotFound', `The service ${idOrArn}`])
}

export function instanceOf(
  context: ReadContext,
  service: ServiceRecord,
  id: string,
): Promise<InstanceRecord> {
  const key = { kind: INSTANCE, parent: service.Id, id }
  return found(context, key, ['InstanceNotFound', `The instance ${id}`])
}

/** `ns-`, `srv-` and sixteen letters and digits. */
export function newDiscoveryId({ newId }: WriteContext, prefix: 'ns' | 'srv'): string {
  const hash = createHash('sha256').update(newId(24)).digest('hex')
  return `${prefix}-${hash.slice(0, 16)}`
}

export function discoveryArn({ scope }: ReadContext, type: 'namespace' | 'service', id: string) {
  return `arn:aws:servicediscovery:${scope.region}:${scope.accountId}:${type}/${id}`
}

export function invalidInput(message: string): ServiceError {
  return new ServiceError('InvalidInput', message)
}

export async function listPage<T extends Body>(
  { records }: ReadContext,
  place: { readonly kind: string; readonly parent?: string },
  { MaxResults = PAGE, NextToken }: { readonly MaxResults?: number; readonly NextToken?: string },
): Promise<{ items: readonly T[]; rest: { readonly NextToken?: string } }> {
  try {
    const page = { limit: MaxResults, ...(NextToken ? { after: NextToken } : {}) }
    const { records: rows, next } = await records.list<T>(place.kind, place.parent ?? '', page)
    const rest = next === undefined ? {} : { NextToken: next }
    return { items: rows.map(({ body }) => body), rest }
  } catch (thrown) {
    if (!(thrown instanceof InvalidCursor)) throw thrown
    throw invalidInput('The NextToken is not valid')
  }
}

export async function listAll<T extends Body>(
  { records }: Pick<ReadContext, 'records'>,
  kind: string,
  parent = '',
): Promise<readonly T[]> {
  return (await records.list<T>(kind, parent)).records.map(({ body }) => body)
}

function idOf(idOrArn: string): string {
  return idOrArn.slice(idOrArn.lastIndexOf('/') + 1)
}

async function found<T extends Body>(
  { records }: ReadContext,
  key: { readonly kind: string; readonly parent: string; readonly id: string },
  [code, what]: readonly [code: ServiceErrorCode, what: string],
): Promise<T> {
  const record = await records.get<T>(key)
  if (record !== undefined) return record.body
  throw new ServiceError(code, `${what.slice(0, 200)} does not exist.`)
}
