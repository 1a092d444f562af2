/**
 * API keys: CreateApiKey, GetApiKey, GetApiKeys, UpdateApiKey, DeleteApiKey.
 * https://docs.aws.amazon.com/apigateway/latest/api/API_ApiKey.html
 */

import type {
  ApiKey,
  ApiKeys,
  CreateApiKeyRequest,
  DeleteApiKeyRequest,
  GetApiKeyRequest,
  GetApiKeysRequest,
  UpdateApiKeyRequest,
} from '@aws-sdk/client-api-gateway'
import { ServiceError } from '../../aws/service-error.ts'
import { checkedTags } from '../apigatewayv2/tag-rules.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { pageOf } from './paging.ts'
import { applyPatch, invalid, type PatchRule } from './patch.ts'
import { type ApiKeyRecord, allKeys, allPlans, requireKey } from './records.ts'

const ID_CHARACTERS = 10
const VALUE_CHARACTERS = 40
const VALUE_MIN = 20
const VALUE_MAX = 128
const NAME_MAX = 1_024
const DESCRIPTION_MAX = 1_024

export const apiKeyOperations = {
  CreateApiKey: write<CreateApiKeyRequest, ApiKey>(createApiKey),
  GetApiKey: read<GetApiKeyRequest, ApiKey>(getApiKey),
  GetApiKeys: read<GetApiKeysRequest, ApiKeys>(getApiKeys),
  UpdateApiKey: write<UpdateApiKeyRequest, ApiKey>(updateApiKey),
  DeleteApiKey: write<DeleteApiKeyRequest, object>(deleteApiKey),
}

async function createApiKey(request: CreateApiKeyRequest, context: WriteContext): Promise<ApiKey> {
  const { name, description, customerId, enabled = false, stageKeys = [], tags } = request
  if (stageKeys.length > 0) throw invalid('Keys of stages are not supported: use a usage plan')
  const keys = await allKeys(context.records)
  const most = context.settings.limits.apiKeysPerRegion
  if (keys.length >= most) {
    throw new ServiceError(
      'LimitExceededException',
      `Maximum number of API keys has been reached: ${most}. Raise it with --limit apiKeysPerRegion=<number>`,
    )
  }
  const value = request.value ?? context.newId(VALUE_CHARACTERS)
  checkValue(value)
  if (keys.some((key) => key.value === value)) {
    throw new ServiceError('ConflictException', 'API Key already exists')
  }
  const now = context.now.toISOString()
  const record: ApiKeyRecord = checked({
    id: freshId(context, keys),
    value,
    enabled,
    createdDate: now,
    lastUpdatedDate: now,
    stageKeys: [],
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(customerId === undefined ? {} : { customerId }),
    ...(tags === undefined ? {} : { tags: { ...checkedTags(context, tags) } }),
  })
  await put(context, record)
  return show(record, true)
}

async function getApiKey(request: GetApiKeyRequest, context: ReadContext): Promise<ApiKey> {
  return show(await requireKey(context, request.apiKey), request.includeValue === true)
}

async function getApiKeys(request: GetApiKeysRequest, context: ReadContext): Promise<ApiKeys> {
  const { nameQuery = '', customerId, includeValues } = request
  const keys = (await allKeys(context.records)).filter(
    (key) =>
      (key.name ?? '').startsWith(nameQuery) &&
      (customerId === undefined || key.customerId === customerId),
  )
  const { items, ...page } = pageOf(keys, request)
  return { items: items.map((key) => show(key, includeValues === true)), ...page }
}

const RULES: readonly PatchRule<ApiKeyRecord>[] = [
  { path: '/description', replace: (key, description) => ({ ...key, description }) },
  { path: '/enabled', replace: (key, value) => ({ ...key, enabled: flagIn(value) }) },
  { path: '/name', replace: (key, name) => ({ ...key, name }) },
  { path: '/customerId', replace: (key, customerId) => ({ ...key, customerId }) },
]

async function updateApiKey(request: UpdateApiKeyRequest, context: WriteContext): Promise<ApiKey> {
  const before = await requireKey(context, request.apiKey)
  const patched = applyPatch(before, request.patchOperations, RULES)
  const record = checked({ ...patched, lastUpdatedDate: context.now.toISOString() })
  await put(context, record)
  return show(record, false)
}

/** It leaves every plan that it was in. */
async function deleteApiKey(request: DeleteApiKeyRequest, context: WriteContext): Promise<object> {
  const { id } = await requireKey(context, request.apiKey)
  for (const plan of await allPlans(context.records)) {
    await context.records.delete({ kind: 'usage-plan-key', parent: plan.id, id })
  }
  await context.records.delete({ kind: 'api-key', parent: '', id })
  return {}
}

function put({ records }: WriteContext, record: ApiKeyRecord): Promise<void> {
  return records.put({ kind: 'api-key', parent: '', id: record.id }, record)
}

function freshId({ newId }: WriteContext, keys: readonly ApiKeyRecord[]): string {
  const taken = new Set(keys.map(({ id }) => id))
  for (;;) {
    const id = newId(ID_CHARACTERS)
    if (!taken.has(id)) return id
  }
}

function show(
  { value, createdDate, lastUpdatedDate, ...key }: ApiKeyRecord,
  whole: boolean,
): ApiKey {
  return {
    ...key,
    createdDate: new Date(createdDate),
    lastUpdatedDate: new Date(lastUpdatedDate),
    ...(whole ? { value } : {}),
  }
}

function checkValue(value: string): void {
  if (value.length < VALUE_MIN) throw invalid('API Key value should be at least 20 characters')
  if (value.length > VALUE_MAX) {
    throw invalid('API Key value exceeds maximum size of 128 characters')
  }
  // It has to be able to stand in a header field.
  if (!/^[\x21-\x7e]+$/.test(value)) throw invalid('Invalid API Key value specified')
}

function checked(key: ApiKeyRecord): ApiKeyRecord {
  if ((key.name ?? '').length > NAME_MAX) {
    throw invalid('Invalid API Key name, can be at most 1024 characters.')
  }
  if ((key.description ?? '').length > DESCRIPTION_MAX) {
    throw invalid('Invalid API Key description specified.')
  }
  return key
}

function flagIn(value: string): boolean {
  if (/^true$/i.test(value)) return true
  if (/^false$/i.test(value)) return false
  throw invalid(`Invalid value specified for /enabled: ${value}. It must be true or false`)
}
