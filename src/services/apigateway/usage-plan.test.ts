import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { beforeEach, describe, test } from 'node:test'
import type { PatchOperation } from '@aws-sdk/client-api-gateway'
import { ServiceError } from '../../aws/service-error.ts'
import { limitsOf } from '../../domain/limits.ts'
import { ServiceCalls } from '../service-calls.fake.ts'
import { apiKeyOperations } from './api-key.ts'
import { stagePlans } from './plan-documents.ts'
import { planKeyOperations } from './plan-keys.ts'
import { usagePlanOperations } from './usage-plan.ts'

const { CreateApiKey, UpdateApiKey, GetApiKeys } = apiKeyOperations
const { CreateUsagePlan, UpdateUsagePlan, GetUsagePlan, DeleteUsagePlan } = usagePlanOperations
const { CreateUsagePlanKey } = planKeyOperations
const STAGES = [{ apiId: 'a1b2c3d4e5', stage: 'prod' }]

let calls: ServiceCalls

beforeEach(async () => {
  calls = new ServiceCalls()
  await calls.write(({ records }) =>
    records.put({ kind: 'stage', parent: 'a1b2c3d4e5', id: 'prod' }, { StageName: 'prod' }),
  )
})

async function refuses(call: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(
    call,
    (error) => error instanceof ServiceError && message.test(error.message),
  )
}

function plansOfStage() {
  const place = { apiId: 'a1b2c3d4e5', stageName: 'prod', limits: limitsOf('aws') }
  return calls.store.read((reader) => stagePlans(reader.in(calls.scope), place))
}

test('a stage is told of its plans, with digests of the keys that are enabled', async () => {
  const value = 'k'.repeat(20)
  const key = await calls.call(CreateApiKey, { value, enabled: true })
  const off = await calls.call(CreateApiKey, { value: 'o'.repeat(20) })
  const plan = await calls.call(CreateUsagePlan, {
    name: 'basic',
    apiStages: [
      {
        ...STAGES[0],
        throttle: { '/pets/GET': { rateLimit: 2, burstLimit: 3 }, '//ANY': { rateLimit: 1 } },
      },
    ],
    throttle: { rateLimit: 5 },
    quota: { limit: 9, period: 'WEEK', offset: 2 },
  })
  for (const { id } of [key, off]) {
    const place = { usagePlanId: plan.id, keyId: id, keyType: 'API_KEY' }
    await calls.call(CreateUsagePlanKey, place)
  }
  const plans = await plansOfStage()
  assert.deepEqual(plans, [
    {
      planId: plan.id,
      throttle: { ratePerSecond: 5, burst: 5_000 },
      quota: { limit: 9, period: 'WEEK', offset: 2 },
      routes: {
        'GET /pets': { ratePerSecond: 2, burst: 3 },
        'ANY /': { ratePerSecond: 1, burst: 5_000 },
      },
      keys: { [createHash('sha256').update(value).digest('hex')]: key.id },
    },
  ])
  assert.ok(!JSON.stringify(plans).includes(value))
})

describe('a patch', () => {
  let planId: string

  beforeEach(async () => {
    planId = (await calls.call(CreateUsagePlan, { name: 'basic', apiStages: STAGES })).id!
  })

  function patch(...patchOperations: PatchOperation[]) {
    return calls.call(UpdateUsagePlan, { usagePlanId: planId, patchOperations })
  }

  test('changes what its path names, and nothing else', async () => {
    await patch(
      { op: 'replace', path: '/name', value: 'gold' },
      { op: 'replace', path: '/quota/limit', value: '7' },
      { op: 'replace', path: '/quota/period', value: 'MONTH' },
      { op: 'replace', path: '/throttle/burstLimit', value: '4' },
      {
        op: 'replace',
        path: '/apiStages/a1b2c3d4e5:prod/throttle/~1a~1{b}~1GET/rateLimit',
        value: '1.5',
      },
    )
    assert.deepEqual(await calls.call(GetUsagePlan, { usagePlanId: planId }), {
      id: planId,
      name: 'gold',
      apiStages: [{ ...STAGES[0], throttle: { '/a/{b}/GET': { rateLimit: 1.5 } } }],
      quota: { offset: 0, limit: 7, period: 'MONTH' },
      throttle: { burstLimit: 4 },
      tags: {},
    })
    await patch({ op: 'remove', path: '/quota' }, { op: 'remove', path: '/throttle' })
    const { quota, throttle } = await calls.call(GetUsagePlan, { usagePlanId: planId })
    assert.deepEqual([quota, throttle], [undefined, undefined])
    await patch({ op: 'remove', path: '/apiStages', value: 'a1b2c3d4e5:prod' })
    assert.deepEqual(await plansOfStage(), [])
    await calls.call(DeleteUsagePlan, { usagePlanId: planId })
    await refuses(calls.call(GetUsagePlan, { usagePlanId: planId }), /Invalid Usage Plan ID/)
  })

  const WRONG: readonly [operation: PatchOperation, message: RegExp][] = [
    [{ op: 'replace', value: 'x' }, /Invalid patch path null/],
    [
      { op: 'replace', path: '/id', value: 'x' },
      /Invalid patch path {2}'\/id' specified for op 'replace'\. Must be one of: \[\/name, /,
    ],
    [{ op: 'add', path: '/name', value: 'x' }, /Must be one of: \[replace\]/],
    [{ op: 'replace', path: '/name', value: ' ' }, /name cannot be blank/],
    [{ op: 'replace', path: '/quota/limit', value: 'many' }, /Invalid quota limit specified: many/],
    [{ op: 'replace', path: '/quota/limit', value: '5' }, /quota period is not specified/],
    [{ op: 'replace', path: '/quota/period', value: 'YEAR' }, /Invalid quota period/],
    [{ op: 'replace', path: '/throttle/rateLimit', value: '-1' }, /rate limit must not be under 0/],
    [{ op: 'replace', path: '/throttle/burstLimit', value: '1.5' }, /burst limit/],
    [{ op: 'add', path: '/apiStages', value: 'nonsense' }, /Invalid API Stage specified/],
    [
      { op: 'add', path: '/apiStages', value: 'a:b' },
      /Invalid API Stage \{api: a, stage: b\} specified for usageplan/,
    ],
    [{ op: 'add', path: '/apiStages', value: 'a1b2c3d4e5:prod' }, /twice/],
    [{ op: 'remove', path: '/apiStages', value: 'a:b' }, /Invalid API Stage specified/],
    [
      { op: 'replace', path: '/apiStages/a1b2c3d4e5:prod/throttle/pets/rateLimit', value: '1' },
      /Invalid method specified/,
    ],
  ]
  for (const [operation, message] of WRONG) {
    test(`is refused: ${JSON.stringify(operation)}`, async () => {
      await refuses(patch(operation), message)
    })
  }
})

test('a stage that is gone does not stand in the way of other changes', async () => {
  const { id: usagePlanId } = await calls.call(CreateUsagePlan, { name: 'x', apiStages: STAGES })
  await calls.write(({ records }) =>
    records.delete({ kind: 'stage', parent: 'a1b2c3d4e5', id: 'prod' }),
  )
  const rename = { op: 'replace', path: '/name', value: 'y' } as const
  const { name } = await calls.call(UpdateUsagePlan, { usagePlanId, patchOperations: [rename] })
  assert.equal(name, 'y')
})

for (const [quota, message] of [
  [{ limit: 1, period: 'DAY', offset: 1 }, /must be zero in the DAY period/],
  [{ limit: 1, period: 'WEEK', offset: 7 }, /between zero and six inclusive in the WEEK period/],
  [{ limit: 1, period: 'MONTH', offset: 28 }, /between zero and 27 inclusive in the MONTH period/],
  [{ limit: 0, period: 'DAY' }, /must be positive/],
] as const) {
  test(`a quota is refused: ${JSON.stringify(quota)}`, async () => {
    await refuses(calls.call(CreateUsagePlan, { name: 'x', quota }), message)
  })
}

test('a key is in no two plans with the same stage, in whatever order they meet', async () => {
  const { id: keyId } = await calls.call(CreateApiKey, {})
  const one = await calls.call(CreateUsagePlan, { name: 'one', apiStages: STAGES })
  const two = await calls.call(CreateUsagePlan, { name: 'two' })
  const member = { keyId, keyType: 'API_KEY' }
  await calls.call(CreateUsagePlanKey, { ...member, usagePlanId: one.id })
  await calls.call(CreateUsagePlanKey, { ...member, usagePlanId: two.id })
  const add = { op: 'add', path: '/apiStages', value: 'a1b2c3d4e5:prod' } as const
  await refuses(
    calls.call(UpdateUsagePlan, { usagePlanId: two.id, patchOperations: [add] }),
    /has the stage a1b2c3d4e5:prod too/,
  )
  await refuses(calls.call(CreateUsagePlanKey, { ...member, usagePlanId: one.id }), /already/)
})

test('keys have values of their own, of 20 to 128 characters', async () => {
  const value = 'k'.repeat(20)
  const { id } = await calls.call(CreateApiKey, { value })
  await refuses(calls.call(CreateApiKey, { value }), /API Key already exists/)
  await refuses(calls.call(CreateApiKey, { value: 'k'.repeat(129) }), /exceeds maximum size/)
  await refuses(calls.call(CreateApiKey, { value: `${value} ` }), /Invalid API Key value/)
  const rename = { op: 'replace', path: '/id', value: 'x' } as const
  await refuses(
    calls.call(UpdateApiKey, { apiKey: id, patchOperations: [rename] }),
    /^Invalid patch path {2}'\/id' specified for op 'replace'\. Must be one of: \[\/description, \/enabled, \/name, \/customerId\]$/,
  )
  await refuses(calls.call(GetApiKeys, { position: 'nobody' }), /Invalid position/)
})
