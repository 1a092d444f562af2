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
import { findModelProblem, readSchema } from './model-rules.ts'
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
  const { schema, problem } = readSchema(model.Schema ?? '')
  if (problem !== undefined) throw invalid(problem)
  return { Value: templateOf(schema) }
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
  const { Name = '', ModelId = '' } = model
  const problem = findModelProblem(model, context.settings.limits)
  if (problem !== undefined) throw invalid(problem)
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

function requireModel(
  context: ReadContext,
  { ApiId: apiId, ModelId: id }: GetModelRequest,
): Promise<ModelRecord> {
  return requireChild<ModelRecord>(context, { kind: 'model', apiId, id })
}

function invalid(message: string): ServiceError {
  return new ServiceError('BadRequestException', message)
}
