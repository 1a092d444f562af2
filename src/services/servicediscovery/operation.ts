/**
 * What became of a change. Changes are done when their call returns, so an operation says SUCCESS from the beginning.
 *
 * The latest are kept, so that a client that waits for one finds it.
 */

import type {
  GetOperationRequest,
  ListOperationsRequest,
  OperationType,
} from '@aws-sdk/client-servicediscovery'
import { ServiceError } from '../../aws/service-error.ts'
import { read, type WriteContext } from '../service.ts'
import { listPage } from './found.ts'
import { OPERATION } from './kinds.ts'
import type { OperationRecord } from './records.ts'

/** Of an account in a region. */
const KEPT = 1_000

export const operationOperations = {
  GetOperation: read<GetOperationRequest, object>(async ({ OperationId = '' }, { records }) => {
    const key = { kind: OPERATION, parent: '', id: OperationId }
    const record = await records.get<OperationRecord>(key)
    if (record !== undefined) return { Operation: shown(record.body) }
    throw new ServiceError(
      'OperationNotFound',
      `The operation ${OperationId.slice(0, 200)} does not exist.`,
    )
  }),

  ListOperations: read<ListOperationsRequest, object>(async (request, context) => {
    const { items, rest } = await listPage<OperationRecord>(
      context,
      { kind: OPERATION },
      request as never,
    )
    const matches = (operation: OperationRecord) =>
      (request.Filters ?? []).every(({ Name, Values = [] }) => {
        const value = {
          NAMESPACE_ID: operation.Targets?.NAMESPACE,
          SERVICE_ID: operation.Targets?.SERVICE,
          STATUS: operation.Status,
          TYPE: operation.Type,
        }[Name as 'STATUS']
        return value !== undefined && Values.includes(value)
      })
    const Operations = items.filter(matches).map(({ Id, Status }) => ({ Id, Status }))
    return { Operations, ...rest }
  }),
}

/** Resolves to the answer of the call. */
export async function operationDone(
  context: WriteContext,
  Type: OperationType,
  Targets: Readonly<Record<string, string>>,
): Promise<{ OperationId: string }> {
  const { records, newId, now } = context
  const Id = `${newId(32)}-${newId(8)}`
  const time = now.toISOString()
  const operation: OperationRecord = {
    Id,
    Type,
    Status: 'SUCCESS',
    Targets,
    CreateDate: time,
    UpdateDate: time,
  }
  await records.put({ kind: OPERATION, parent: '', id: Id }, operation)
  const { records: all } = await records.list(OPERATION, '')
  for (const { kind, parent, id } of all.slice(0, Math.max(0, all.length - KEPT))) {
    await records.delete({ kind, parent, id })
  }
  return { OperationId: Id }
}

function shown({ CreateDate, UpdateDate, ...rest }: OperationRecord): object {
  return { ...rest, CreateDate: new Date(CreateDate), UpdateDate: new Date(UpdateDate) }
}
