import assert from 'node:assert/strict'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { ServiceError } from '../aws/service-error.ts'
import type { Plan } from '../definitions/plan/plan.ts'
import type {
  DeployDefinitionRequest,
  DeployDefinitionResponse,
  PlanDefinitionResponse,
} from '../services/postern/definition-messages.ts'
import { type Answers, ControlServerFake, type FakeCall } from './control-server.fake.ts'
import { runWords, type Said } from './terminal.fake.ts'

const EMPTY: Plan = {
  isEmpty: true,
  addedRoutes: [],
  removedRoutes: [],
  changedRoutes: [],
  api: [],
  stage: [],
  resources: [],
}
const ADDED: Plan = { ...EMPTY, isEmpty: false, addedRoutes: [{ routeKey: 'GET /pets' }] }

const PLANNED: PlanDefinitionResponse = {
  ApiName: 'Pets',
  StageName: '$default',
  Plan: ADDED,
  PlanDigest: 'digest-1',
  Problems: [],
  Refusals: [],
  Notes: ['Pets has been edited since this stage was deployed to.'],
}
const DEPLOYED: DeployDefinitionResponse = {
  ApiId: 'abcdefghij',
  StageName: '$default',
  DeploymentId: 'dep001',
  Created: true,
  Plan: ADDED,
  Warnings: [],
}
const SERVED = {
  Revision: 2,
  Apis: [
    { apiId: 'abcdefghij', stage: 'other', urls: ['http://wrong/'] },
    { apiId: 'abcdefghij', stage: '$default', urls: ['http://localhost:8080/'] },
  ],
}
const PETS = { ApiId: 'abcdefghij', Name: 'Pets', ProtocolType: 'HTTP' }

let folder = ''
let file = ''
before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'postern-deploy-'))
  file = path.join(folder, 'pets.yaml')
  await fs.writeFile(file, 'openapi: 3.0.1 # ünïcödé\n')
})
after(() => fs.rm(folder, { recursive: true }))

let calls: readonly FakeCall[] = []
beforeEach(() => {
  calls = []
})

interface Run {
  readonly words: readonly string[]
  readonly answers?: Answers
  readonly says?: string
}

async function run({ words, answers = {}, says }: Run): Promise<Said> {
  const server = await ControlServerFake.start({
    answers: {
      PlanDefinition: () => PLANNED,
      DeployDefinition: () => DEPLOYED,
      GetServedApis: () => SERVED,
      GetApis: () => ({ Items: [PETS] }),
      ...answers,
    },
  })
  try {
    const ask = says === undefined ? {} : { ask: async () => says }
    return await runWords({ words, environment: server.environment, ...ask })
  } finally {
    calls = server.calls
    await server.stop()
  }
}

const inputOf = (name: string) =>
  calls.find((call) => call.name === name)?.input as DeployDefinitionRequest | undefined
const names = () => calls.map(({ name }) => name)

describe('deploy', () => {
  test('shows the plan, does what was shown, and says where it answers', async () => {
    const { code, out, err } = await run({ words: ['deploy', file, '--yes'] })
    assert.equal(code, 0)
    assert.equal(
      out,
      'Pets (a new API), stage $default\n  + GET /pets\n  1 route added\n' +
        'deployed as dep001\n  http://localhost:8080/\n',
    )
    assert.match(err, /^Pets has been edited since/)
    const text = 'openapi: 3.0.1 # ünïcödé\n'
    assert.deepEqual(inputOf('PlanDefinition'), { File: file, Text: text })
    assert.deepEqual(inputOf('DeployDefinition'), {
      File: file,
      Text: text,
      PlanDigest: 'digest-1',
    })
  })

  test('stage, target and variables go along', async () => {
    const flags = ['--stage', 'prod', '--target', 'http://origin', '--stage-variable', 'a=1']
    await run({ words: ['deploy', file, '--yes', ...flags] })
    const { File: _file, Text: _text, PlanDigest: _digest, ...rest } = inputOf('DeployDefinition')!
    const expected = { StageName: 'prod', Target: 'http://origin', StageVariables: { a: '1' } }
    assert.deepEqual({ ...rest, StageVariables: { ...rest.StageVariables } }, expected)
  })

  const named: readonly (readonly [string, object])[] = [
    ['abcdefghij', { ApiId: 'abcdefghij' }],
    ['Pets', { ApiId: 'abcdefghij', ApiName: 'Pets' }],
    ['Dogs', { ApiName: 'Dogs' }],
  ]
  for (const [api, expected] of named) {
    test(`--api ${api} names ${JSON.stringify(expected)}`, async () => {
      await run({ words: ['deploy', file, '--yes', '--api', api] })
      const { File: _file, Text: _text, ...rest } = inputOf('PlanDefinition')!
      assert.deepEqual(rest, expected)
    })
  }

  const answered: readonly (readonly [says: string, deployed: boolean])[] = [
    ['y', true],
    [' YES ', true],
    ['', false],
    ['n', false],
    ['yesterday', false],
  ]
  for (const [says, deployed] of answered) {
    test(`"${says}" ${deployed ? 'deploys' : 'deploys nothing'}`, async () => {
      const { code, err } = await run({ words: ['deploy', file], says })
      assert.equal(code, deployed ? 0 : 1)
      assert.equal(names().includes('DeployDefinition'), deployed)
      assert.equal(err.includes('Nothing was deployed'), !deployed)
    })
  }

  test('without a terminal and without --yes nothing is done', async () => {
    const { code, out, err } = await run({ words: ['deploy', file] })
    assert.equal(code, 2)
    assert.match(err, /this is no terminal\n {2}→ .*--yes.*--dry-run/)
    assert.match(out, /GET \/pets/)
    assert(!names().includes('DeployDefinition'))
  })

  const looks: readonly (readonly [string, readonly string[], Plan])[] = [
    ['--dry-run', ['--dry-run'], ADDED],
    ['a plan without changes', ['--yes'], EMPTY],
  ]
  for (const [what, flags, plan] of looks) {
    test(`${what} changes nothing`, async () => {
      const answers = { PlanDefinition: () => ({ ...PLANNED, Plan: plan }) }
      const { code } = await run({ words: ['deploy', file, ...flags], answers })
      assert.equal(code, 0)
      assert.deepEqual(names(), ['PlanDefinition'])
    })
  }

  test('what is being edited is replaced, too, when the stage serves the definition already', async () => {
    const answers = { PlanDefinition: () => ({ ...PLANNED, Plan: EMPTY, DraftDiffers: true }) }
    const { code } = await run({ words: ['deploy', file, '--yes'], answers })
    assert.equal(code, 0)
    assert(names().includes('DeployDefinition'))
  })

  test('--json is one document', async () => {
    const { code, out, err } = await run({ words: ['deploy', file, '--yes', '--json'] })
    assert.equal(code, 0)
    assert.equal(err, '')
    assert.deepEqual(JSON.parse(out), {
      apiId: 'abcdefghij',
      apiName: 'Pets',
      stage: '$default',
      plan: ADDED,
      problems: [],
      notes: PLANNED.Notes,
      deployed: true,
      deploymentId: 'dep001',
      created: true,
      warnings: [],
      urls: ['http://localhost:8080/'],
    })
  })

  test('a plan that has become another one is told', async () => {
    const answers = {
      DeployDefinition: () => {
        throw new ServiceError('ConflictException', 'What it would change is not what was shown')
      },
    }
    const { code, err } = await run({ words: ['deploy', file, '--yes'], answers })
    assert.equal(code, 1)
    assert.match(err, /is not what was shown/)
  })

  test('a definition with errors is told as lint tells it, and one that cannot be served with its reasons', async () => {
    const problem = {
      ...{ severity: 'error', code: 'x-y', message: 'It is \u001b[2Jwrong.', mend: 'Mend it.' },
      ...{ file, line: 3, column: 5, pointer: '/paths' },
    }
    const broken = { Problems: [problem], Refusals: [], Notes: [] }
    const unread = await run({ words: ['deploy', file], answers: { PlanDefinition: () => broken } })
    assert.equal(unread.code, 1)
    assert(
      unread.err.includes(`${file}:3:5: error: It is ?[2Jwrong. (at /paths)\n  → Mend it. [x-y]\n`),
    )
    const refused = { ...PLANNED, Refusals: ['route GET /pets: it has a JWT authorizer'] }
    const unserved = await run({
      words: ['deploy', file, '--yes'],
      answers: { PlanDefinition: () => refused },
    })
    assert.equal(unserved.code, 1)
    assert.match(unserved.err, /^route GET \/pets: it has a JWT authorizer\npostern: .* cannot be/)
    assert.deepEqual(names(), ['PlanDefinition'])
  })

  test('a file that is not there is told before anything is asked', async () => {
    const { code, err } = await run({ words: ['deploy', path.join(folder, 'none.yaml')] })
    assert.equal(code, 1)
    assert.match(err, /none\.yaml: There is no such file\.\n {2}→ Check the path/)
    assert.deepEqual(names(), [])
  })
})

describe('diff', () => {
  test('differences are exit code 2, none are 0, a broken definition is 1', async () => {
    const codes = []
    for (const answer of [
      PLANNED,
      { ...PLANNED, Plan: EMPTY },
      { Problems: [], Refusals: [], Notes: [] },
    ]) {
      const { code } = await run({
        words: ['diff', file],
        answers: { PlanDefinition: () => answer },
      })
      codes.push(code)
      assert.deepEqual(names(), ['PlanDefinition'])
    }
    assert.deepEqual(codes, [2, 0, 1])
  })

  test('prints the plan; --json prints it for programs', async () => {
    const answers = { PlanDefinition: () => ({ ...PLANNED, ApiId: 'abcdefghij' }) }
    const text = await run({ words: ['diff', file], answers })
    assert.match(text.out, /^Pets \(abcdefghij\), stage \$default\n {2}\+ GET \/pets\n/)
    const json = await run({ words: ['diff', file, '--json'], answers })
    assert.equal(json.err, '')
    const facts = JSON.parse(json.out) as { apiId: string; plan: Plan }
    assert.deepEqual([facts.apiId, facts.plan], ['abcdefghij', ADDED])
  })
})
