import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Plan } from '../definitions/plan/plan.ts'
import { painter } from './paint.ts'
import { planLines } from './plan-lines.ts'

const NOTHING: Plan = {
  isEmpty: true,
  addedRoutes: [],
  removedRoutes: [],
  changedRoutes: [],
  api: [],
  stage: [],
  resources: [],
}

const SOME: Plan = {
  ...NOTHING,
  isEmpty: false,
  addedRoutes: [{ routeKey: 'GET /pets/{id}', target: 'http://origin/{id}', source: 'a.yaml:5' }],
  removedRoutes: [{ routeKey: 'GET /old' }],
  changedRoutes: [
    {
      routeKey: 'GET /pets',
      target: 'http://origin/pets',
      changes: [
        { member: 'Integration.TimeoutInMillis', before: 30_000, after: 500 },
        { member: 'OperationName', after: 'list' },
        { member: 'AuthorizationScopes', before: ['a'] },
      ],
    },
  ],
  stage: [{ member: 'StageVariables.host', before: 'a', after: '' }],
}

test('each route is a line, each changed member a line under it', () => {
  assert.deepEqual(planLines(SOME, painter(false)), [
    '  + GET /pets/{id}  http://origin/{id}',
    '  - GET /old',
    '  ~ GET /pets       http://origin/pets',
    '      Integration.TimeoutInMillis: 30000 → 500',
    '      OperationName: list',
    '      AuthorizationScopes: ["a"] → nothing',
    '  ~ stage',
    '      StageVariables.host: a → ""',
    '  1 route added, 1 route changed, 1 route removed, 1 setting',
  ])
})

test('a plan without changes says so', () => {
  assert.deepEqual(planLines(NOTHING, painter(false)), ['  no changes'])
})

test('what is added is green, what goes is red', () => {
  const [added = '', removed = ''] = planLines(SOME, painter(true))
  assert.match(added, /^\x1b\[32m.*\x1b\[0m$/)
  assert.match(removed, /^\x1b\[31m.*\x1b\[0m$/)
})

test('names and values cannot paint the terminal, and long ones are cut', () => {
  const member = 'Tags.x\u001b[2J'
  const lines = planLines(
    { ...NOTHING, isEmpty: false, api: [{ member, after: `${'v'.repeat(200)}\u001b]0;` }] },
    painter(false),
  )
  assert.equal(lines[1], `      Tags.x?[2J: ${'v'.repeat(100)}…`)
})
