import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CreateModelRequest } from '@aws-sdk/client-apigatewayv2'
import { limitsOf } from '../../domain/limits.ts'
import { ServiceCalls } from '../service-calls.fake.ts'
import { apiOperations } from './api.ts'
import { modelOperations } from './model.ts'

const { CreateModel, GetModel, GetModels, GetModelTemplate, UpdateModel, DeleteModel } =
  modelOperations
const PET = { Name: 'Pet', Schema: '{"type":"object","properties":{"id":{"type":"integer"}}}' }

async function shop() {
  const calls = new ServiceCalls()
  const { ApiId } = await calls.call(apiOperations.CreateApi, {
    Name: 'shop',
    ProtocolType: 'HTTP',
  })
  return { calls, ApiId: ApiId! }
}

test('a model is created, read, changed and deleted', async () => {
  const { calls, ApiId } = await shop()
  const model = await calls.call(CreateModel, { ApiId, ...PET })
  const { ModelId } = model
  assert.match(ModelId!, /^[a-z0-9]{6}$/)
  assert.deepEqual(model, { ...PET, ContentType: 'application/json', ModelId })
  assert.deepEqual(await calls.call(GetModel, { ApiId, ModelId }), model)
  const updated = await calls.call(UpdateModel, { ApiId, ModelId, Description: 'a pet' })
  assert.deepEqual(updated, { ...model, Description: 'a pet' })
  assert.deepEqual((await calls.call(GetModels, { ApiId })).Items, [updated])
  await calls.call(DeleteModel, { ApiId, ModelId })
  await assert.rejects(calls.call(GetModel, { ApiId, ModelId }), {
    code: 'NotFoundException',
    message: `Invalid Model identifier specified ${ModelId}`,
  })
})

const REFUSED: readonly [Partial<CreateModelRequest>, string, RegExp][] = [
  [{ Name: 'my-pet' }, 'BadRequestException', /Invalid model name/],
  [{ Name: '' }, 'BadRequestException', /Invalid model name/],
  [{ Schema: '{' }, 'BadRequestException', /not JSON/],
  [{ Schema: '[]' }, 'BadRequestException', /must be a JSON object/],
  [{ Schema: undefined }, 'BadRequestException', /not JSON/],
  [{ Name: 'Taken' }, 'ConflictException', /already exists for this API/],
]

for (const [members, code, message] of REFUSED) {
  test(`CreateModel refuses ${JSON.stringify(members).slice(0, 60)}`, async () => {
    const { calls, ApiId } = await shop()
    await calls.call(CreateModel, { ApiId, Name: 'Taken', Schema: '{}' })
    await assert.rejects(calls.call(CreateModel, { ApiId, ...PET, ...members }), { code, message })
  })
}

test('the template of a model is made of its schema', async () => {
  const { calls, ApiId } = await shop()
  const { ModelId } = await calls.call(CreateModel, { ApiId, ...PET })
  const { Value } = await calls.call(GetModelTemplate, { ApiId, ModelId })
  assert.equal(Value, `#set($inputRoot = $input.path('$'))\n{\n  "id" : 42\n}`)
})

test('there are as many models as the quota allows', async () => {
  const { calls, ApiId } = await shop()
  calls.settings = { ...calls.settings, limits: limitsOf('aws', { modelsPerApi: 1 }) }
  await calls.call(CreateModel, { ApiId, ...PET })
  const second = calls.call(CreateModel, { ApiId, ...PET, Name: 'Cat' })
  await assert.rejects(second, { code: 'TooManyRequestsException' })
})

test('the names of models are unique within their API', async () => {
  const { calls, ApiId } = await shop()
  await calls.call(CreateModel, { ApiId, ...PET })
  const { ModelId } = await calls.call(CreateModel, { ApiId, ...PET, Name: 'Cat' })
  const renamed = calls.call(UpdateModel, { ApiId, ModelId, Name: 'Pet' })
  await assert.rejects(renamed, { code: 'ConflictException' })
})

test('a schema is as long as the limit allows', async () => {
  const { calls, ApiId } = await shop()
  const limits = limitsOf('aws', { modelSchemaBytes: PET.Schema.length })
  calls.settings = { ...calls.settings, limits }
  await calls.call(CreateModel, { ApiId, ...PET })
  const longer = calls.call(CreateModel, { ApiId, Name: 'Cat', Schema: `${PET.Schema} ` })
  await assert.rejects(longer, { code: 'BadRequestException', message: /at most/ })
})
