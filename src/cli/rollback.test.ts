import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { UpdateStageRequest } from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../aws/service-error.ts'
import { ControlServerFake } from './control-server.fake.ts'
import { runWords, type Said } from './terminal.fake.ts'

const API = { ApiId: 'abcdefghij', Name: 'Pets', ProtocolType: 'HTTP' }

/** As the store lists them: in the order of their making. The middle two have the same second. */
const DEPLOYMENTS = [
  { DeploymentId: 'dep001', CreatedDate: new Date('2026-01-01T00:00:00Z') },
  { DeploymentId: 'dep002', CreatedDate: new Date('2026-01-02T00:00:00Z') },
  { DeploymentId: 'dep003', CreatedDate: new Date('2026-01-02T00:00:00Z') },
  { DeploymentId: 'dep004', CreatedDate: new Date('2026-01-03T00:00:00Z') },
]

interface Case {
  readonly serves: string | undefined
  readonly autoDeploy?: boolean
  readonly words?: readonly string[]
  /** The second page of a list begins here. */
  readonly pageAt?: number
}

interface Outcome extends Said {
  readonly update: UpdateStageRequest | undefined
}

async function rollback({
  serves,
  autoDeploy = false,
  words = [],
  pageAt = 4,
}: Case): Promise<Outcome> {
  const server = await ControlServerFake.start({
    answers: {
      GetApis: () => ({ Items: [API] }),
      GetStage: ({ StageName }: { StageName: string }) => {
        if (StageName === 'none') throw new ServiceError('NotFoundException', 'Invalid Stage')
        return { StageName, AutoDeploy: autoDeploy, ...(serves && { DeploymentId: serves }) }
      },
      GetDeployments: ({ NextToken }: { NextToken?: string }) =>
        NextToken === undefined
          ? { Items: DEPLOYMENTS.slice(0, pageAt), NextToken: 'more' }
          : { Items: DEPLOYMENTS.slice(pageAt) },
      UpdateStage: (input: UpdateStageRequest) => input,
    },
  })
  try {
    const said = await runWords({ words: ['rollback', ...words], environment: server.environment })
    const update = server.calls.find(({ name }) => name === 'UpdateStage')?.input
    return { ...said, update: update as UpdateStageRequest | undefined }
  } finally {
    await server.stop()
  }
}

describe('rollback points the stage', () => {
  const cases: readonly (readonly [string, Case, string])[] = [
    ['to the deployment before', { serves: 'dep004' }, 'dep003'],
    ['to the one made before in the same second', { serves: 'dep003', pageAt: 1 }, 'dep002'],
    ['to the first', { serves: 'dep002' }, 'dep001'],
    ['to the one that is named', { serves: 'dep001', words: ['--to', 'dep004'] }, 'dep004'],
  ]
  for (const [what, given, expected] of cases) {
    test(what, async () => {
      const { code, update, out } = await rollback(given)
      assert.equal(code, 0)
      assert.deepEqual(update, {
        ApiId: 'abcdefghij',
        StageName: '$default',
        DeploymentId: expected,
      })
      assert.equal(out, `Pets (abcdefghij), stage $default: ${given.serves} → ${expected}\n`)
    })
  }

  test('and turns automatic deployment off in the same call, and says how to turn it on', async () => {
    const words = ['Pets', '--stage', 'prod']
    const { update, out } = await rollback({ serves: 'dep004', autoDeploy: true, words })
    assert.deepEqual(update, {
      ApiId: 'abcdefghij',
      StageName: 'prod',
      DeploymentId: 'dep003',
      AutoDeploy: false,
    })
    assert.match(
      out,
      /is off now.*update-stage --api-id abcdefghij --stage-name 'prod' --auto-deploy\n$/,
    )
  })

  test('as JSON', async () => {
    const { out } = await rollback({ serves: 'dep004', words: ['--json'] })
    assert.deepEqual(JSON.parse(out), {
      ...{ apiId: 'abcdefghij', stage: '$default', from: 'dep004', to: 'dep003' },
      autoDeployTurnedOff: false,
    })
  })
})

describe('rollback changes nothing', () => {
  const cases: readonly (readonly [string, Case, RegExp])[] = [
    [
      'when nothing is before',
      { serves: 'dep001' },
      /no deployment before.*\n.*postern deployments/,
    ],
    ['when the stage serves nothing', { serves: undefined }, /no deployment before/],
    [
      'when it serves that one',
      { serves: 'dep002', words: ['--to', 'dep002'] },
      /serves dep002 already/,
    ],
    [
      'when there is no such stage',
      { serves: 'dep002', words: ['--stage', 'none'] },
      /Invalid Stage/,
    ],
    [
      'when there is no such API',
      { serves: 'dep002', words: ['Dogs'] },
      /no API with the id or the name Dogs\n.*Pets \(abc/,
    ],
  ]
  for (const [what, given, expected] of cases) {
    test(what, async () => {
      const { code, update, err } = await rollback(given)
      assert.equal(code, 1)
      assert.equal(update, undefined)
      assert.match(err, expected)
    })
  }
})
