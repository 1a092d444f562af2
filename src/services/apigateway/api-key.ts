/**
 * API keys: CreateApiKey, GetApiKey, GetApiKeys, UpdateApiKey, DeleteApiKey.
 * https://docs.aws.amazon.com/apigateway/latest/api/API_ApiKey.html
 */

import type {
  ApiKey,
  ApiKeys as ApiKeyList,
  CreateApiKeyRequest,
  DeleteApiKeyRequest,
  GetApiKeyRequest,
  GetApiKeysRequest,
  UpdateApiKeyRequest,
} from '@aws-sdk/client-api-gateway'
import { checkedTags } from '../apigatewayv2/tag-rules.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { ApiKeys, checkedKey, putKey } from './api-keys.ts'
import { pageOf } from './paging.ts'
import { applyPatch, invalid, type PatchRule } from './patch.ts'
import { type ApiKeyRecord, allKeys, allPlans, requireKey } from './records.ts'

export const apiKeyOperations = {
  CreateApiKey: write<CreateApiKeyRequest, ApiKey>(createApiKey),
  GetApiKey: read<GetApiKeyRequest, ApiKey>(getApiKey),
  GetApiKeys: read<GetApiKeysRequest, ApiKeyList>(getApiKeys),
  UpdateApiKey: write<UpdateApiKeyRequest, ApiKey>(updateApiKey),
  DeleteApiKey: write<DeleteApiKeyRequest, object>(deleteApiKey),
}

async function createApiKey(request: CreateApiKeyRequest, context: WriteContext): Promise<ApiKey> {
  const { name, description, customerId, enabled = false, stageKeys = [], tags } = request
  if (stageKeys.length > 0) throw invalid('Keys of stages are not supported: use a usage plan')
  const keys = await ApiKeys.of(context)
  const record = await keys.add(request.value, {
    enabled,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(customerId === undefined ? {} : { customerId }),
    ...(tags === undefined ? {} : { tags: { ...checkedTags(context, tags) } }),
  })
  return show(record, true)
}

async function getApiKey(request: GetApiKeyRequest, context: ReadContext): Promise<ApiKey> {
  return show(await requireKey(context, request.apiKey), request.includeValue === true)
}

async function getApiKeys(request: GetApiKeysRequest, context: ReadContext): Promise<ApiKeyList> {
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
  const record = checkedKey({ ...patched, lastUpdatedDate: context.now.toISOString() })
  await putKey(context, record)
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

function flagIn(value: string): boolean {
  if (/^true$/i.test(value)) return true
  if (/^false$/i.test(value)) return false
  throw invalid(`Invalid value specified for /enabled: ${value}. It must be true or false`)
}
