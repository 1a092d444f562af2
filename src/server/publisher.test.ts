import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Configuration, HttpApiStage } from '../domain/http-api.ts'
import type { Deployment } from './messages.ts'
import { Publisher } from './publisher.ts'
import type { PrepareOutcome } from './supervisor.ts'

/** Workers that compile everything, or refuse. */
class World {
  readonly prepared: Configuration[] = []
  readonly retained: (readonly HttpApiStage[])[] = []
  readonly publisher: Publisher
  refusal: string | undefined

  constructor() {
    this.publisher = new Publisher({
      supervisor: { prepare: (deployment) => this.#prepare(deployment) },
      memory: {
        findProblem: () => undefined,
        deployment: (configuration) => ({
          configuration,
          shares: [],
          buckets: [],
          stageNumbers: [],
        }),
        commit: () => {},
        retain: ({ stages }) => this.retained.push(stages),
      },
    })
  }

  async #prepare({ configuration }: Deployment): Promise<PrepareOutcome> {
    this.prepared.push(configuration)
    return this.refusal === undefined
      ? { kind: 'prepared', commit: async () => {}, discard: () => {} }
      : { kind: 'refused', reasons: [this.refusal] }
  }

  async publish(
    live: readonly HttpApiStage[],
    gone: readonly HttpApiStage[] = [],
  ): Promise<readonly HttpApiStage[]> {
    const outcome = await this.publisher.prepare({ live, gone })
    assert.equal(outcome.kind, 'prepared')
    if (outcome.kind === 'prepared') await outcome.commit()
    return this.publisher.served.stages
  }
}

function stage(revision: number, parts: Partial<HttpApiStage> = {}): HttpApiStage {
  return {
    ...{ protocolType: 'HTTP', apiId: 'a', apiName: 'A', accountId: '1', region: 'r' },
    ...{ stageName: '$default', stageVariables: {}, deploymentId: 'd', revision },
    ...{ disableExecuteApiEndpoint: false, detailedMetricsEnabled: false },
    ...{ routes: [], integrations: {} },
    ...parts,
  }
}

test('a revision that its service has counted is kept', async () => {
  const world = new World()
  assert.equal((await world.publish([stage(7)]))[0]!.revision, 7)
  assert.equal((await world.publish([stage(8)]))[0]!.revision, 8)
})

// Workers take a stage over whose revision is the one that they serve, so no content may come under one that was there.
test('what comes in the place of a stage never has its revision', async () => {
  const world = new World()
  await world.publish([stage(1, { deploymentId: 'old' })])
  const changed = await world.publish([stage(1, { deploymentId: 'new' })])
  assert.deepEqual(
    changed.map(({ deploymentId, revision }) => [deploymentId, revision]),
    [['new', 2]],
  )
  assert.equal((await world.publish([stage(2, { deploymentId: 'newer' })]))[0]!.revision, 3)
})

test('nor when the old one goes in the same change: an id that passes to another account', async () => {
  const world = new World()
  await world.publish([stage(1)])
  const [moved, ...others] = await world.publish([stage(1, { accountId: '2' })], [stage(1)])
  assert.deepEqual(others, [])
  assert.equal(moved!.accountId, '2')
  assert.equal(moved!.revision, 2)
})

test('stages keep their order; those that go are not served', async () => {
  const world = new World()
  await world.publish([stage(1), stage(1, { apiId: 'b' }), stage(1, { stageName: 'prod' })])
  const after = await world.publish([stage(2)], [stage(1, { apiId: 'b' })])
  assert.deepEqual(
    after.map(({ apiId, stageName }) => `${apiId}/${stageName}`),
    ['a/$default', 'a/prod'],
  )
  assert.equal(world.publisher.served.revision, 2)
})

for (const how of ['refused', 'discarded'] as const) {
  test(`what is ${how} changes nothing, and its figures are forgotten`, async () => {
    const world = new World()
    const served = await world.publish([stage(1)])
    if (how === 'refused') world.refusal = 'no such host'
    const outcome = await world.publisher.prepare({ live: [stage(1, { apiId: 'b' })], gone: [] })
    if (outcome.kind === 'prepared') outcome.discard()
    assert.deepEqual(world.publisher.served, { revision: 1, stages: served })
    assert.deepEqual(world.retained.at(-1), served)
    assert.equal(world.retained.length, 2)
    world.refusal = undefined
    await world.publish([stage(2)])
    assert.equal(world.prepared.at(-1)!.revision, 2)
  })
}
