/**
 * The Model resource: a JSON schema under a name. HTTP APIs keep models and ask nothing of them.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-models.html
 */

import type {
  CreateModelRequest,
  CreateModelResponse,
  DeleteModelRequest,
  GetModelRequest,
  GetModelResponse,
  GetModelsRequest,
  GetModelsResponse,
  GetModelTemplateRequest,
  GetModelTemplateResponse,
  Model,
  UpdateModelRequest,
  UpdateModelResponse,
} from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { mergePatch } from './merge-patch.ts'
import { templateOf } from './model-template.ts'
import { newChildId } from './new-id.ts'
import { requireApi, requireChild } from './not-found.ts'
import { listAll, listPage } from './paging.ts'
import { requireRoom } from './quota.ts'
import type { ModelRecord } from './records.ts'

export const modelOperations = {
  CreateModel: write<CreateModelRequest, CreateModelResponse>(createModel),
  GetModel: read<GetModelRequest, GetModelResponse>(getModel),
  GetModels: read<GetModelsRequest, GetModelsResponse>(getModels),
  GetModelTemplate: read<GetModelTemplateRequest, GetModelTemplateResponse>(getModelTemplate),
  UpdateModel: write<UpdateModelRequest, UpdateModelResponse>(updateModel),
  DeleteModel: write<DeleteModelRequest, object>(deleteModel),
}

const NAME = /^[A-Za-z0-9]{1,128}$/

async function createModel(
  { ApiId, ...said }: CreateModelRequest,
  context: WriteContext,
): Promise<CreateModelResponse> {
  await requireApi(context, ApiId)
  const place = { kind: 'model', parent: ApiId! } as const
  await requireRoom(context, { ...place, limit: 'modelsPerApi', noun: 'Models for this API' })
  const ModelId = await newChildId(context, 'model', ApiId!)
  const defaults = { ContentType: 'application/json', ModelId, Name: undefined }
  return put(context, ApiId!, mergePatch<Model>(defaults, said))
}

async function getModel(request: GetModelRequest, context: ReadContext): Promise<GetModelResponse> {
  return requireModel(context, request)
}

async function getModels(
  request: GetModelsRequest,
  context: ReadContext,
): Promise<GetModelsResponse> {
  await requireApi(context, request.ApiId)
  const place = { kind: 'model', parent: request.ApiId!, request } as const
  return listPage<ModelRecord, Model>(context, place, (model) => model)
}

async function getModelTemplate(
  request: GetModelTemplateRequest,
  context: ReadContext,
): Promise<GetModelTemplateResponse> {
  const model = await requireModel(context, request)
  return { Value: templateOf(parseSchema(model.Schema)) }
}

async function updateModel(
  { ApiId, ModelId, ...patch }: UpdateModelRequest,
  context: WriteContext,
): Promise<UpdateModelResponse> {
  const model = await requireModel(context, { ApiId, ModelId })
  return put(context, ApiId!, mergePatch(model, patch))
}

async function deleteModel(request: DeleteModelRequest, context: WriteContext): Promise<object> {
  await requireModel(context, request)
  const { ApiId: parent = '', ModelId: id = '' } = request
  await context.records.delete({ kind: 'model', parent, id })
  return {}
}

async function put(context: WriteContext, apiId: string, model: ModelRecord): Promise<ModelRecord> {
  const { Name = '', ModelId = '', Schema = '' } = model
  if (!NAME.test(Name)) {
    throw invalid(
      `Invalid model name specified: ${Name.slice(0, 128)}. It may hold letters and digits`,
    )
  }
  const most = context.settings.limits.modelSchemaBytes
  if (Buffer.byteLength(Schema) > most) throw invalid(`A schema can have at most ${most} bytes`)
  parseSchema(Schema)
  const others = await listAll<ModelRecord>(context, { kind: 'model', parent: apiId })
  if (others.some(({ id, body }) => id !== ModelId && body.Name === Name)) {
    throw new ServiceError(
      'ConflictException',
      `Model with name ${Name} already exists for this API`,
    )
  }
  await context.records.put({ kind: 'model', parent: apiId, id: ModelId }, model)
  return model
}

function parseSchema(text: string | undefined): Record<string, unknown> {
  try {
    const schema: unknown = JSON.parse(text ?? '')
    if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) {
      return schema as Record<string, unknown>
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw invalid(`Invalid model schema specified: it is not JSON (${error.message})`)
  }
  throw invalid('Invalid model schema specified: it must be a JSON object')
}

function requireModel(
  context: ReadContext,
  { ApiId: apiId, ModelId: id }: GetModelRequest,
): Promise<ModelRecord> {
  return requireChild<ModelRecord>(context, { kind: 'model', apiId, id })
}

function invalid(message: string): ServiceError {
  return new ServiceError('BadRequestException', message)
}
