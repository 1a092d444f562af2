import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Answers, ControlServerFake, type FakeCall } from './control-server.fake.ts'
import { runWords, type Said } from './terminal.fake.ts'

const PETS = { ApiId: 'abcdefghij', Name: 'Pets\u001b[2J', ProtocolType: 'HTTP' }
const DOGS = { ApiId: 'klmnopqrst', Name: 'Dogs', ProtocolType: 'HTTP' }
const TIME = new Date('2026-11-22T22:04:22Z')

interface Asked extends Said {
  readonly calls: readonly FakeCall[]
}

async function ask(words: readonly string[], answers: Answers): Promise<Asked> {
  const server = await ControlServerFake.start({ answers })
  try {
    const said = await runWords({ words, environment: server.environment })
    return { ...said, calls: server.calls }
  } finally {
    await server.stop()
  }
}

/** Cells of each line of a table. */
function cells(text: string): string[][] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/))
}

describe('apis', () => {
  const api = {
    ...{ apiId: 'abcdefghij', name: PETS.Name, protocolType: 'HTTP', stage: '$default' },
    ...{ revision: 3, deploymentId: 'abc', routes: [{}, {}], urls: ['http://localhost:8080/'] },
  }

  test('a table, safe for a terminal, and the JSON that is documented', async () => {
    const answers = { GetServedApis: () => ({ Revision: 3, Apis: [api] }) }
    const { code, out } = await ask(['apis'], answers)
    assert.equal(code, 0)
    const row = ['abcdefghij', 'Pets?[2J', 'HTTP', '$default', '2', 'http://localhost:8080/']
    assert.deepEqual(cells(out)[1], row)
    const json = await ask(['apis', '--json'], answers)
    assert.deepEqual(JSON.parse(json.out), { revision: 3, apis: [api] })
  })

  test('none', async () => {
    const { out } = await ask(['apis'], { GetServedApis: () => ({ Revision: 0, Apis: [] }) })
    assert.equal(out, 'No API is deployed.\n')
  })
})

describe('which API', () => {
  const stages = (words: readonly string[], apis: readonly object[]) =>
    ask(['stages', ...words], {
      GetApis: () => ({ Items: apis }),
      GetStages: () => ({ Items: [] }),
    })

  const found: readonly (readonly [string, readonly string[], readonly object[], string])[] = [
    ['the only one', [], [PETS], 'abcdefghij'],
    ['by id', ['klmnopqrst'], [PETS, DOGS], 'klmnopqrst'],
    ['by name', ['Dogs'], [PETS, DOGS], 'klmnopqrst'],
    [
      'an id wins over a name',
      ['klmnopqrst'],
      [{ ...PETS, Name: 'klmnopqrst' }, DOGS],
      'klmnopqrst',
    ],
  ]
  for (const [what, words, apis, expected] of found) {
    test(what, async () => {
      const { code, calls } = await stages(words, apis)
      assert.equal(code, 0)
      assert.deepEqual(calls.at(-1)?.input, { ApiId: expected })
    })
  }

  const refused: readonly (readonly [
    string,
    readonly string[],
    readonly object[],
    number,
    RegExp,
  ])[] = [
    ['none there', [], [], 1, /There is no API yet\n.*postern deploy/],
    [
      'several, none named',
      [],
      [PETS, DOGS],
      2,
      /Which API\? There are Pets\?\[2J \(abcdefghij\), Dogs/,
    ],
    [
      'none of this name',
      ['Cats\u001b'],
      [DOGS],
      1,
      /id or the name Cats\?\n.*Dogs \(klmnopqrst\)/,
    ],
    [
      'two of this name',
      ['Dogs'],
      [DOGS, { ...DOGS, ApiId: 'uvwxyz0123' }],
      2,
      /klmnopqrst, uvwxyz0123/,
    ],
  ]
  for (const [what, words, apis, code, expected] of refused) {
    test(what, async () => {
      const said = await stages(words, apis)
      assert.equal(said.code, code)
      assert.match(said.err, expected)
    })
  }
})

describe('stages and deployments', () => {
  const answers: Answers = {
    GetApis: () => ({ Items: [DOGS] }),
    GetStages: ({ NextToken }: { NextToken?: string }) =>
      NextToken === undefined
        ? {
            Items: [
              {
                StageName: '$default',
                DeploymentId: 'dep002',
                AutoDeploy: true,
                LastUpdatedDate: TIME,
              },
            ],
            NextToken: 'more',
          }
        : { Items: [{ StageName: 'new', LastDeploymentStatusMessage: 'failed: \u0007no' }] },
    GetDeployments: () => ({
      Items: [
        {
          DeploymentId: 'dep001',
          CreatedDate: TIME,
          DeploymentStatus: 'DEPLOYED',
          Description: 'first',
        },
        {
          DeploymentId: 'dep002',
          CreatedDate: TIME,
          DeploymentStatus: 'DEPLOYED',
          AutoDeployed: true,
        },
      ],
    }),
  }

  test('stages of every page', async () => {
    const { out } = await ask(['stages'], answers)
    assert.deepEqual(cells(out).slice(1), [
      ['$default', 'dep002', 'on', '2026-11-22 22:04:22Z'],
      ['new', 'none', 'off', 'failed: ?no'],
    ])
    const { out: json } = await ask(['stages', '--json'], answers)
    const facts = JSON.parse(json) as { apiId: string; stages: { StageName: string }[] }
    assert.equal(facts.apiId, 'klmnopqrst')
    assert.deepEqual(
      facts.stages.map(({ StageName }) => StageName),
      ['$default', 'new'],
    )
  })

  test('deployments, the newest first, with the stages that serve them', async () => {
    const { out } = await ask(['deployments', 'Dogs'], answers)
    assert.deepEqual(cells(out).slice(1), [
      ['dep002', '2026-11-22 22:04:22Z', 'DEPLOYED', 'automatically', '$default'],
      ['dep001', '2026-11-22 22:04:22Z', 'DEPLOYED', 'by hand', 'first'],
    ])
    const { out: json } = await ask(['deployments', '--json'], answers)
    const { deployments } = JSON.parse(json) as { deployments: { Stages: string[] }[] }
    assert.deepEqual(
      deployments.map(({ Stages }) => Stages),
      [['$default'], []],
    )
  })
})

describe('export', () => {
  const cases: readonly (readonly [readonly string[], object])[] = [
    [[], { OutputType: 'YAML', IncludeExtensions: true }],
    [['--format', 'json'], { OutputType: 'JSON', IncludeExtensions: true }],
    [['--json', '--no-extensions'], { OutputType: 'JSON', IncludeExtensions: false }],
    [
      ['Dogs', '--stage', 'prod'],
      { OutputType: 'YAML', IncludeExtensions: true, StageName: 'prod' },
    ],
  ]
  for (const [words, expected] of cases) {
    test(['export', ...words].join(' '), async () => {
      const text = 'openapi: 3.0.1 # ünïcödé'
      const answers = {
        GetApis: () => ({ Items: [DOGS] }),
        ExportApi: () => ({ body: Buffer.from(text) }),
      }
      const { code, out, calls } = await ask(['export', ...words], answers)
      assert.deepEqual([code, out], [0, `${text}\n`])
      const request = { ApiId: 'klmnopqrst', Specification: 'OAS30', ...expected }
      assert.deepEqual(calls.at(-1)?.input, request)
    })
  }
})

describe('keys', () => {
  const key = {
    ...{ AccessKeyId: 'AKPOAAAA', AccountId: '000000000000', ReadOnly: true },
    ...{ Description: 'dash\u001bboard', CreatedAt: '2026-11-22T22:04:22.123Z' },
  }
  const answers = {
    ListAccessKeys: () => ({ AccessKeys: [key] }),
    CreateAccessKey: () => ({ ...key, SecretAccessKey: 's3cret' }),
    DeleteAccessKey: () => ({}),
  }

  test('a table without secrets', async () => {
    const row = ['AKPOAAAA', '000000000000', 'read', '2026-11-22 22:04:22Z', 'dash?board']
    for (const words of [['keys'], ['keys', 'list']]) {
      assert.deepEqual(cells((await ask(words, answers)).out)[1], row)
    }
    const { out } = await ask(['keys', '--json'], answers)
    assert.deepEqual(JSON.parse(out), { accessKeys: [key] })
  })

  test('create shows the secret, once', async () => {
    const words = [
      'keys',
      'create',
      '--read-only',
      '--account',
      '111122223333',
      '--description',
      'x',
    ]
    const { out, calls } = await ask(words, answers)
    assert.match(out, /^AWS_ACCESS_KEY_ID {6}AKPOAAAA\nAWS_SECRET_ACCESS_KEY {2}s3cret\n/)
    const request = { ReadOnly: true, AccountId: '111122223333', Description: 'x' }
    assert.deepEqual(calls[0]?.input, request)
    const plain = await ask(['keys', 'create', '--json'], answers)
    assert.deepEqual(plain.calls[0]?.input, { ReadOnly: false })
    assert.equal((JSON.parse(plain.out) as { SecretAccessKey: string }).SecretAccessKey, 's3cret')
  })

  test('delete', async () => {
    const { code, calls } = await ask(['keys', 'delete', 'AKPOAAAA'], answers)
    assert.equal(code, 0)
    assert.deepEqual(calls, [
      { name: 'DeleteAccessKey', input: { AccessKeyId: 'AKPOAAAA' }, region: 'us-east-1' },
    ])
  })
})

describe('audit', () => {
  const record = (sequence: number, more: object) => ({
    ...{ sequence, time: '2026-11-22T22:04:22.000Z', hash: 'aa', who: 'AKPOAAAA', requestId: 'r' },
    ...{ sourceIp: '127.0.0.1', action: 'apigatewayv2:UpdateRoute', changes: [], scope: {} },
    ...more,
  })
  const changes = [
    { resource: 'route/a/1', before: { Target: 'x' }, after: { Target: 'y' } },
    { resource: 'route/a/2', after: {} },
    { resource: 'route/a/3', before: {} },
    { resource: 'route/a/4', before: {} },
  ]
  const newestFirst = [
    record(2, { refused: 'NotFoundException: no\u001b such route' }),
    record(1, { changes }),
  ]
  const whole = { GetAuditLog: () => ({ Records: newestFirst, Intact: true }) }

  test('a table, the newest last', async () => {
    const { code, out, calls } = await ask(['audit', '--last', '7'], whole)
    assert.equal(code, 0)
    assert.deepEqual(calls[0]?.input, { MaxResults: 7 })
    const [, first, second] = cells(out)
    assert.deepEqual(first?.slice(0, 1), ['1'])
    assert.equal(first?.at(-1), '~ route/a/1, + route/a/2, - route/a/3 and 1 more')
    assert.equal(second?.at(-1), 'refused: NotFoundException: no? such route')
  })

  test('--json has each record before and after, one a line', async () => {
    const { out } = await ask(['audit', '--json'], whole)
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    assert.deepEqual(lines, newestFirst.toReversed())
  })

  test('a log that has been tampered with is exit code 1, and says where', async () => {
    const broken = { GetAuditLog: () => ({ Records: newestFirst, Intact: false, BrokenAt: 2 }) }
    const { code, out, err } = await ask(['audit'], broken)
    assert.equal(code, 1)
    assert.match(out, /route\/a\/1/)
    assert.match(err, /^postern: The audit log has been changed: entry 2 does not fit.*\n {2}→ /)
    const json = await ask(['audit', '--json'], broken)
    assert.equal((JSON.parse(json.err) as { brokenAt: number }).brokenAt, 2)
  })

  test('nothing yet', async () => {
    const { out } = await ask(['audit'], { GetAuditLog: () => ({ Records: [], Intact: true }) })
    assert.equal(out, 'Nothing has been changed yet.\n')
  })
})
