/**
 * ImportApiKeys: a CSV file of keys, with the usage plans that each goes into.
 *
 * Name and Key are a must, in any order and case; Description, Enabled (true when empty) and UsagePlanIds may be there,
 * other columns are ignored. Two keys are the same when their values are: the newer row replaces the key. What is wrong
 * with a row is a warning that names its line and never the key; with failonwarnings one of them is enough to import
 * nothing. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-key-file-format.html
 */

import type { ApiKeyIds, ImportApiKeysRequest } from '@aws-sdk/client-api-gateway'
import { ServiceError } from '../../aws/service-error.ts'
import { CsvError, readCsv } from '../../identity/user-import/csv.ts'
import { type WriteContext, write } from '../service.ts'
import { ApiKeys, type KeyFacts } from './api-keys.ts'
import { invalid } from './patch.ts'
import { refuseSharedStages } from './plan-keys.ts'
import { keysOfPlan, requirePlan } from './records.ts'

export const importKeysOperations = {
  ImportApiKeys: write<ImportApiKeysRequest, ApiKeyIds>(importApiKeys),
}

const COLUMNS = ['name', 'key', 'description', 'enabled', 'usageplanids'] as const
type Column = (typeof COLUMNS)[number]

interface KeyRow extends KeyFacts {
  readonly line: number
  readonly value: string
  readonly planIds: readonly string[]
}

async function importApiKeys(
  { body, failOnWarnings }: ImportApiKeysRequest,
  context: WriteContext,
): Promise<ApiKeyIds> {
  const keys = await ApiKeys.of(context)
  const ids: string[] = []
  const warnings: string[] = []
  for (const read of rowsOf(textOf(body))) {
    if ('problem' in read) warnings.push(read.problem)
    else {
      const done = await noting(read.line, warnings, async () => {
        const { id } = await keys.replace(read.value, read)
        ids.push(id)
        return id
      })
      for (const planId of done === undefined ? [] : read.planIds) {
        await noting(read.line, warnings, () => join(context, planId, done!))
      }
    }
  }
  if (failOnWarnings === true && warnings.length > 0) throw invalid(warnings.join('; '))
  return { ids, warnings }
}

/** What an operation refuses is a warning; undefined then. */
async function noting<T>(
  line: number,
  warnings: string[],
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work()
  } catch (thrown) {
    if (!(thrown instanceof ServiceError) || thrown.code === 'LimitExceededException') throw thrown
    warnings.push(`Line ${line}: ${thrown.message}`)
    return undefined
  }
}

async function join(context: WriteContext, planId: string, keyId: string): Promise<void> {
  const plan = await requirePlan(context, planId)
  if ((await keysOfPlan(context.records, plan.id)).includes(keyId)) return
  await refuseSharedStages(context, plan, keyId)
  await context.records.put({ kind: 'usage-plan-key', parent: plan.id, id: keyId }, { keyId })
}

function textOf(body: ImportApiKeysRequest['body']): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body as Uint8Array<ArrayBuffer>)
  } catch {
    throw invalid('The file is not text in UTF-8')
  }
}

type ReadRow = KeyRow | { readonly problem: string }

/** Throws where the file as a whole cannot be read. */
function* rowsOf(text: string): Generator<ReadRow> {
  let places: ReadonlyMap<Column, number> | undefined
  try {
    for (const { line, values } of readCsv(text)) {
      if (places === undefined) places = placesOf(values)
      else yield rowOf(line, unquoted(values), places)
    }
  } catch (thrown) {
    if (thrown instanceof CsvError) throw invalid(`Line ${thrown.line}: ${thrown.message}`)
    throw thrown
  }
  if (places === undefined) throw missing('Name and Key')
}

function placesOf(heads: readonly string[]): ReadonlyMap<Column, number> {
  const names = heads.map((head) => head.trim().toLowerCase())
  const places = new Map<Column, number>()
  for (const column of COLUMNS) {
    if (names.indexOf(column) !== names.lastIndexOf(column)) {
      throw invalid(`The column ${column} is there twice`)
    }
    if (names.includes(column)) places.set(column, names.indexOf(column))
  }
  if (!places.has('name')) throw missing('Name')
  if (!places.has('key')) throw missing('Key')
  return places
}

function rowOf(
  line: number,
  values: readonly string[],
  places: ReadonlyMap<Column, number>,
): ReadRow {
  const of = (column: Column) => values[places.get(column) ?? -1]?.trim() ?? ''
  const flag = of('enabled').toLowerCase()
  if (!['', 'true', 'false'].includes(flag)) {
    return { problem: `Line ${line}: Enabled is neither true nor false` }
  }
  const [name, description, value] = [of('name'), of('description'), of('key')]
  const planIds = of('usageplanids')
    .split(',')
    .map((id) => id.trim())
  return {
    ...{ line, value, name, enabled: flag !== 'false' },
    ...(description === '' ? {} : { description }),
    planIds: [...new Set(planIds)].filter((id) => id !== ''),
  }
}

/** A list may stand in single quotes as well, which are none to other readers of CSV. */
function unquoted(values: readonly string[]): string[] {
  const joined: string[] = []
  let open: string[] | undefined
  for (const value of values) {
    if (open !== undefined) open.push(value)
    else if (/^\s*'/.test(value)) open = [value]
    else joined.push(value)
    if (open !== undefined && /'\s*$/.test(value) && open.join(',').trim().length > 1) {
      joined.push(open.join(',').trim().slice(1, -1))
      open = undefined
    }
  }
  return open === undefined ? joined : [...joined, ...open]
}

function missing(columns: string): ServiceError {
  return invalid(`The file has to begin with a line of column names, with ${columns}`)
}
