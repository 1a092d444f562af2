/** Policies from text to decision; adversarial 23 at the heart of it. */

import assert from 'node:assert/strict'
import test, { describe } from 'node:test'
import fc from 'fast-check'
import { compilePolicy, statementsFor } from './compile-policy.ts'
import { bothOf, type Decision, evaluate, evaluateTrust } from './evaluate.ts'
import type { PolicyUse } from './policy-document.ts'
import { policyProblemText, readPolicy } from './read-policy.ts'
import type { PolicyContext } from './wildcard.ts'

type Statement = Record<string, unknown>
type Values = Record<string, string | string[]>

const ARN = 'arn:aws:execute-api:eu-west-1:123456789012:abc/prod/GET/orders/7'
const INVOKE = 'execute-api:invoke'

function contextOf(values: Values): PolicyContext {
  return { valuesOf: (key) => (key in values ? [values[key]!].flat() : undefined) }
}

function compiled(text: string, use: PolicyUse = 'identity') {
  const read = readPolicy(text, use)
  assert.ok('document' in read, 'problem' in read ? policyProblemText(read.problem) : '')
  return compilePolicy(read.document)
}

interface Asked {
  readonly version?: string
  readonly action?: string
  readonly resource?: string
  readonly values?: Values
}

function decide(statements: Statement | Statement[], asked: Asked = {}): Decision {
  const { version = '2012-10-17', action = INVOKE, resource = ARN, values = {} } = asked
  const list = [statements].flat().map((each) => ({
    Effect: 'Allow',
    ...('NotAction' in each ? {} : { Action: '*' }),
    ...('NotResource' in each ? {} : { Resource: '*' }),
    ...each,
  }))
  const policy = compiled(JSON.stringify({ Version: version, Statement: list }))
  const request = { action, resource, context: contextOf(values) }
  const named = { name: 'p', statements: policy }
  const whole = evaluate([named], request)
  // Leaving out what can say nothing of the action changes nothing.
  const short = evaluate([{ name: 'p', statements: statementsFor(policy, action) }], request)
  assert.deepEqual(short, whole)
  return whole
}

function allows(statements: Statement | Statement[], asked: Asked = {}): boolean {
  return decide(statements, asked).kind === 'allowed'
}

describe('a statement', () => {
  test('speaks of actions without regard to case', () => {
    for (const Action of ['*', 'execute-api:Invoke', 'EXECUTE-API:INVOKE', 'execute-api:In?ok*']) {
      assert.ok(allows({ Action }), Action)
    }
    for (const Action of ['execute-api:Invok', 'execute-api:InvalidateCache', 's3:*']) {
      assert.ok(!allows({ Action }), Action)
    }
    assert.ok(!allows({ NotAction: 'execute-api:Invoke' }))
    assert.ok(!allows({ NotAction: ['s3:*', 'execute-api:*'] }))
    assert.ok(allows({ NotAction: 's3:*' }))
  })

  test('speaks of resources with regard to case, and wildcards cross slashes', () => {
    const base = 'arn:aws:execute-api:eu-west-1:123456789012:abc'
    for (const rest of ['/prod/GET/orders/7', '/*', '/prod/*/7', '/????/GET/*', '*']) {
      assert.ok(allows({ Resource: base + rest }), rest)
    }
    for (const rest of ['/PROD/GET/orders/7', '/prod/get/*', '/prod/GET/orders', '/prod/POST/*']) {
      assert.ok(!allows({ Resource: base + rest }), rest)
    }
    assert.ok(!allows({ NotResource: `${base}/prod/*` }))
    assert.ok(allows({ NotResource: `${base}/dev/*` }))
    assert.ok(allows({ Resource: 'arn:aws:execute-api:*:*:*' }))
  })

  test('with variables depends on who calls, in 2012-10-17 only', () => {
    const own = { Resource: 'arn:aws:execute-api:*:*:*/orders/${aws:username}' }
    const resource = `${ARN.slice(0, -1)}ada`
    assert.ok(allows(own, { resource, values: { 'aws:username': 'ada' } }))
    assert.ok(!allows(own, { resource, values: { 'aws:username': 'bob' } }))
    assert.ok(!allows(own, { resource, values: { 'aws:username': '*' } }), 'a star is a star')
    assert.ok(!allows(own, { resource }), 'a role has no user name')
    assert.ok(!allows({ NotResource: own.Resource }, { resource }), 'nor is it another one')
    const old = { version: '2008-10-17', resource, values: { 'aws:username': 'ada' } }
    assert.ok(!allows(own, old))
  })
})

test('an explicit deny wins wherever it stands; nothing allows nothing', () => {
  const allow = { Sid: 'open' }
  const deny = { Sid: 'shut', Effect: 'Deny', Resource: 'arn:aws:execute-api:*:*:*/GET/orders/*' }
  const expected: Decision = { kind: 'denied', by: 'statement shut of p' }
  assert.deepEqual(decide([allow, deny]), expected)
  assert.deepEqual(decide([deny, allow]), expected)
  assert.deepEqual(decide(allow), { kind: 'allowed', by: 'statement open of p' })
  assert.deepEqual(decide({ Effect: 'Deny', Action: 's3:*' }), { kind: 'not-allowed' })
  const request = { action: INVOKE, resource: ARN, context: contextOf({}) }
  assert.deepEqual(evaluate([], request), { kind: 'not-allowed' })
  const [yes, no, not] = [decide(allow), decide(deny), decide({ Action: 's3:*' })]
  for (const [a, b, both] of [
    [yes, yes, 'allowed'],
    [yes, not, 'not-allowed'],
    [not, yes, 'not-allowed'],
    [not, no, 'denied'],
    [no, yes, 'denied'],
  ] as const) {
    assert.equal(bothOf(a, b).kind, both)
  }
})

const IP = 'aws:sourceip'
const TIME = 'aws:currenttime'
const TAGS = 'aws:tagkeys'
const ROLE = 'arn:aws:iam::123456789012:role/ops/deploy'

/** Operator, key, values of the policy, values of the request (undefined: says nothing), fulfilled. */
const CONDITIONS: [string, string, unknown, string | string[] | undefined, boolean][] = [
  ['StringEquals', 'aws:UserAgent', 'a', 'a', true],
  ['StringEquals', 'aws:useragent', ['b', 'a'], 'a', true],
  ['StringEquals', 'aws:UserAgent', 'a', 'A', false],
  ['StringEquals', 'aws:UserAgent', 'a*', 'ab', false],
  ['StringEquals', 'aws:UserAgent', 'a', undefined, false],
  ['StringEqualsIfExists', 'aws:UserAgent', 'a', undefined, true],
  ['StringEqualsIfExists', 'aws:UserAgent', 'a', 'b', false],
  ['StringNotEquals', 'aws:UserAgent', 'a', 'b', true],
  ['StringNotEquals', 'aws:UserAgent', ['a', 'b'], 'b', false],
  ['StringNotEquals', 'aws:UserAgent', 'a', undefined, true],
  ['StringEqualsIgnoreCase', 'aws:UserAgent', 'aB', 'Ab', true],
  ['StringNotEqualsIgnoreCase', 'aws:UserAgent', 'aB', 'Ab', false],
  ['StringLike', 'aws:UserAgent', 'curl/*', 'curl/8', true],
  ['StringLike', 'aws:UserAgent', 'curl/?', 'curl/10', false],
  ['StringNotLike', 'aws:UserAgent', 'curl/*', 'curl/8', false],
  ['StringNotLike', 'aws:UserAgent', 'curl/*', 'wget', true],
  ['StringEquals', 'aws:UserAgent', '${aws:PrincipalTag/team}', 'blue', true],
  ['StringEquals', 'aws:UserAgent', '${aws:PrincipalTag/none}', 'blue', false],
  ['StringNotEquals', 'aws:UserAgent', '${aws:PrincipalTag/none}', 'blue', false],
  ['NumericEquals', 'aws:MultiFactorAuthAge', '10', '10.0', true],
  ['NumericEquals', 'aws:MultiFactorAuthAge', 10, '10', true],
  ['NumericNotEquals', 'aws:MultiFactorAuthAge', '10', '11', true],
  ['NumericLessThan', 'aws:MultiFactorAuthAge', '10', '9', true],
  ['NumericLessThan', 'aws:MultiFactorAuthAge', '10', '10', false],
  ['NumericLessThanEquals', 'aws:MultiFactorAuthAge', '10', '10', true],
  ['NumericGreaterThan', 'aws:MultiFactorAuthAge', '9', '10', true],
  ['NumericGreaterThanEquals', 'aws:MultiFactorAuthAge', '9', '8', false],
  ['NumericLessThan', 'aws:MultiFactorAuthAge', '10', 'nine', false],
  ['NumericLessThan', 'aws:MultiFactorAuthAge', '10', undefined, false],
  ['DateEquals', TIME, '2026-11-28T05:00:00Z', '2026-11-28T05:00:00Z', true],
  ['DateEquals', TIME, '2026-11-28T05:00:00Z', '2026-11-28T06:00:00+01:00', true],
  ['DateNotEquals', TIME, '2026-11-28T05:00:00Z', '2026-11-28T05:00:01Z', true],
  ['DateLessThan', TIME, '2026-11-28T05:00:00Z', '2026-11-28T04:59:59Z', true],
  ['DateLessThan', TIME, '2026-11-28T05:00:00Z', '2026-11-28T05:00:00Z', false],
  ['DateLessThanEquals', TIME, '2026-11-28', '2026-11-28T00:00:00Z', true],
  ['DateGreaterThan', 'aws:EpochTime', '1795842000', '1795842001', true],
  ['DateGreaterThan', 'aws:EpochTime', 1_795_842_000, '1795842000', false],
  ['DateGreaterThanEquals', TIME, '2026-11-28T05:00:00Z', '2026-11-28T05:00:00Z', true],
  ['Bool', 'aws:SecureTransport', 'true', 'true', true],
  ['Bool', 'aws:SecureTransport', true, 'false', false],
  ['Bool', 'aws:SecureTransport', 'TRUE', 'true', true],
  ['Bool', 'aws:MultiFactorAuthPresent', 'false', undefined, false],
  ['BoolIfExists', 'aws:MultiFactorAuthPresent', 'false', undefined, true],
  ['BinaryEquals', 'x:blob', 'QmluYXJ5', 'QmluYXJ5', true],
  ['BinaryEquals', 'x:blob', 'QmluYXJ5', 'Qml0', false],
  ['IpAddress', IP, '203.0.113.0/24', '203.0.113.255', true],
  ['IpAddress', IP, '203.0.113.0/24', '203.0.114.0', false],
  ['IpAddress', IP, '203.0.113.7', '203.0.113.7', true],
  ['IpAddress', IP, ['10.0.0.0/8', '2001:db8::/32'], '2001:db8:ffff::1', true],
  ['IpAddress', IP, '2001:db8::/32', '2001:db9::1', false],
  ['IpAddress', IP, '203.0.113.0/24', '::ffff:203.0.113.9', true],
  ['IpAddress', IP, '0.0.0.0/0', '2001:db8::1', false],
  ['IpAddress', IP, '::/0', '203.0.113.9', false],
  ['IpAddress', IP, '0.0.0.0/0', 'unknown', false],
  ['IpAddress', IP, '0.0.0.0/0', undefined, false],
  ['NotIpAddress', IP, '203.0.113.0/24', '203.0.113.9', false],
  ['NotIpAddress', IP, ['203.0.113.0/24', '10.0.0.0/8'], '192.0.2.1', true],
  ['ArnEquals', 'aws:PrincipalArn', ROLE, ROLE, true],
  ['ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/*', ROLE, true],
  ['ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/ops', ROLE, false],
  ['ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::123456789012:role/*', 'ada', false],
  ['ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:${aws:PrincipalTag/kind}/*', ROLE, true],
  ['ArnNotLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/*', ROLE, false],
  ['ArnNotEquals', 'aws:PrincipalArn', ROLE, `${ROLE}2`, true],
  ['Null', 'aws:TokenIssueTime', 'true', undefined, true],
  ['Null', 'aws:TokenIssueTime', 'false', undefined, false],
  ['Null', 'aws:TokenIssueTime', false, '2026-11-28T05:00:00Z', true],
  ['ForAllValues:StringEquals', TAGS, ['a', 'b'], ['a'], true],
  ['ForAllValues:StringEquals', TAGS, ['a', 'b'], ['a', 'c'], false],
  ['ForAllValues:StringEquals', TAGS, ['a', 'b'], undefined, true],
  ['ForAllValues:StringNotEquals', TAGS, ['a', 'b'], ['c', 'd'], true],
  ['ForAllValues:StringNotEquals', TAGS, ['a', 'b'], ['c', 'a'], false],
  ['ForAnyValue:StringLike', TAGS, ['a*'], ['x', 'ab'], true],
  ['ForAnyValue:StringLike', TAGS, ['a*'], ['x'], false],
  ['ForAnyValue:StringLike', TAGS, ['a*'], undefined, false],
  ['ForAnyValue:StringNotEquals', TAGS, ['a'], ['a', 'b'], true],
  ['ForAnyValue:StringNotEquals', TAGS, ['a'], ['a'], false],
  ['ForAnyValue:StringNotEquals', TAGS, ['a'], undefined, false],
  ['ForAnyValue:StringEqualsIfExists', TAGS, ['a'], undefined, true],
  ['StringEquals', 'aws:SourceVpce', 'vpce-1', undefined, false],
]

test('conditions', () => {
  for (const [operator, key, values, given, expected] of CONDITIONS) {
    const named = given === undefined ? {} : { [key.toLowerCase()]: given }
    const tags = { 'aws:principaltag/team': 'blue', 'aws:principaltag/kind': 'role' }
    const Condition = { [operator]: { [key]: values } }
    const told = JSON.stringify([operator, key, values, given])
    assert.equal(allows({ Condition }, { values: { ...tags, ...named } }), expected, told)
  }
  const both = {
    StringEquals: { 'aws:UserAgent': 'a', 'aws:Referer': 'b' },
    Bool: { 'aws:SecureTransport': 'true' },
  }
  const all = { 'aws:useragent': 'a', 'aws:referer': 'b', 'aws:securetransport': 'true' }
  assert.ok(allows({ Condition: both }, { values: all }))
  for (const key of Object.keys(all)) {
    const values: Values = { ...all, [key]: 'x' }
    assert.ok(!allows({ Condition: both }, { values }), `all have to be fulfilled: ${key}`)
  }
})

test('what is no policy says where and why', () => {
  const S = { Effect: 'Allow', Action: 'a:b', Resource: '*' }
  const cases: [unknown, string][] = [
    ['{', ''],
    ['[]', ''],
    ['{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}', ''],
    [{}, '/Statement'],
    [{ Statement: [] }, '/Statement'],
    [{ Statement: ['x'] }, '/Statement/0'],
    [{ Version: '2012-10-18', Statement: S }, '/Version'],
    [{ Version: 2012, Statement: S }, '/Version'],
    [{ Id: 1, Statement: S }, '/Id'],
    [{ Statement: S, Extra: 1 }, '/Extra'],
    [{ Statement: { ...S, effect: 'Deny' } }, '/Statement/effect'],
    [{ Statement: { ...S, Effect: 'allow' } }, '/Statement/Effect'],
    [{ Statement: [S, { ...S, Effect: undefined }] }, '/Statement/1/Effect'],
    [{ Statement: { ...S, Sid: 'a b' } }, '/Statement/Sid'],
    [
      {
        Statement: [
          { ...S, Sid: 'a' },
          { ...S, Sid: 'a' },
        ],
      },
      '/Statement/1/Sid',
    ],
    [{ Statement: { ...S, Action: undefined } }, '/Statement/Action'],
    [{ Statement: { ...S, NotAction: 'a:b' } }, '/Statement/NotAction'],
    [{ Statement: { ...S, Action: 'invoke' } }, '/Statement/Action'],
    [{ Statement: { ...S, Action: ['a:b', ''] } }, '/Statement/Action'],
    [{ Statement: { ...S, Action: ['a:b', 'a:${x}'] } }, '/Statement/Action/1'],
    [{ Statement: { ...S, Action: [] } }, '/Statement/Action'],
    [{ Statement: { ...S, Action: 7 } }, '/Statement/Action'],
    [{ Statement: { ...S, Resource: undefined } }, '/Statement/Resource'],
    [{ Statement: { ...S, Resource: 'abc/prod' } }, '/Statement/Resource'],
    [{ Statement: { ...S, Resource: 'arn:aws:execute-api:x' } }, '/Statement/Resource'],
    [
      { Version: '2012-10-17', Statement: { ...S, Resource: 'arn:aws:a:::${x' } },
      '/Statement/Resource',
    ],
    [{ Statement: { ...S, Principal: '*' } }, '/Statement/Principal'],
    [{ Statement: { ...S, Condition: [] } }, '/Statement/Condition'],
    [{ Statement: { ...S, Condition: { Bool: 1 } } }, '/Statement/Condition/Bool'],
    [
      { Statement: { ...S, Condition: { Bool: { 'aws:X': 'yes' } } } },
      '/Statement/Condition/Bool/aws:X',
    ],
    [
      { Statement: { ...S, Condition: { Bol: { 'a:t/x~': 'true' } } } },
      '/Statement/Condition/Bol/a:t~1x~0',
    ],
  ]
  for (const [written, pointer] of cases) {
    const text = typeof written === 'string' ? written : JSON.stringify(written)
    const read = readPolicy(text, 'identity')
    assert.ok('problem' in read, text)
    assert.equal(read.problem.pointer, pointer, text)
    assert.match(policyProblemText(read.problem), / .+\.$/)
  }
  const operators: [string, unknown][] = [
    ['NumericEquals', 'ten'],
    ['NumericEquals', '${aws:username}'],
    ['DateEquals', 'yesterday'],
    ['IpAddress', '203.0.113.0/33'],
    ['IpAddress', '203.0.113/24'],
    ['IpAddress', 'fe80::1%eth0'],
    ['ArnLike', 'ada'],
    ['ArnLike', 'arn:aws:iam::*'],
    ['BinaryEquals', '!'],
    ['Null', 'maybe'],
    ['NullIfExists', 'true'],
    ['ForAnyValue:Null', 'true'],
    ['ForSomeValues:StringEquals', 'x'],
    ['constructor', 'x'],
    ['IfExists', 'x'],
    ['StringEquals', []],
    ['StringEquals', [{}]],
  ]
  for (const [operator, value] of operators) {
    const Condition = { [operator]: { 'aws:key': value } }
    const text = JSON.stringify({ Version: '2012-10-17', Statement: { ...S, Condition } })
    assert.ok('problem' in readPolicy(text, 'identity'), text)
  }
})

describe('a trust policy', () => {
  const caller = {
    accountId: '123456789012',
    arns: [
      'arn:aws:sts::123456789012:assumed-role/deploy/run',
      'arn:aws:iam::123456789012:role/deploy',
    ],
  }
  const trust = (statement: Statement, values: Values = {}) => {
    const written = { Effect: 'Allow', Action: 'sts:AssumeRole', ...statement }
    const text = JSON.stringify({ Version: '2012-10-17', Statement: [written] })
    const request = { action: 'sts:assumerole', resource: '*', context: contextOf(values) }
    return evaluateTrust(compiled(text, 'trust'), request, caller)
  }

  test('names accounts and identities', () => {
    const cases: [unknown, string][] = [
      ['*', 'account'],
      [{ AWS: '*' }, 'account'],
      [{ AWS: '123456789012' }, 'account'],
      [{ AWS: 'arn:aws:iam::123456789012:root' }, 'account'],
      [{ AWS: ['arn:aws:iam::210987654321:root', caller.arns[1]] }, 'named'],
      [{ AWS: caller.arns[0] }, 'named'],
      [{ AWS: '210987654321' }, 'none'],
      [{ AWS: 'arn:aws:iam::123456789012:role/Deploy' }, 'none'],
    ]
    for (const [Principal, expected] of cases) {
      assert.equal(trust({ Principal }), expected, JSON.stringify(Principal))
    }
    assert.equal(trust({ NotPrincipal: { AWS: '210987654321' } }), 'account')
    assert.equal(trust({ NotPrincipal: { AWS: caller.arns[1] } }), 'none')
    assert.equal(trust({ Effect: 'Deny', Principal: '*' }), 'denied')
    assert.equal(trust({ Principal: '*', Action: 'sts:TagSession' }), 'none')
    const Condition = { StringEquals: { 'sts:ExternalId': 'x1' } }
    assert.equal(trust({ Principal: '*', Condition }), 'none')
    assert.equal(trust({ Principal: '*', Condition }, { 'sts:externalid': 'x1' }), 'account')
  })

  test('has no resource, and principals that are known', () => {
    const cases: [Statement, string][] = [
      [{ Resource: '*', Principal: '*' }, '/Statement/Resource'],
      [{}, '/Statement/Principal'],
      [{ Principal: 'x' }, '/Statement/Principal'],
      [{ Principal: { Service: 'lambda.amazonaws.com' } }, '/Statement/Principal/Service'],
      [{ Principal: { AWS: 'arn:aws:iam::123456789012:user/*' } }, '/Statement/Principal/AWS/0'],
    ]
    for (const [extra, pointer] of cases) {
      const Statement = { Effect: 'Allow', Action: 'sts:AssumeRole', ...extra }
      const read = readPolicy(JSON.stringify({ Statement }), 'trust')
      assert.ok('problem' in read)
      assert.equal(read.problem.pointer, pointer)
    }
  })
})

test('any JSON is a policy or none; and no policy that denies all lets anything pass', () => {
  const statement = fc.record(
    {
      Effect: fc.constantFrom('Allow', 'Deny', 'x'),
      Action: fc.oneof(fc.constantFrom('*', 'execute-api:*', 'a:b'), fc.jsonValue()),
      Resource: fc.oneof(fc.constantFrom('*', ARN), fc.jsonValue()),
      Condition: fc.oneof(
        fc.constantFrom({ Bool: { 'aws:SecureTransport': 'true' } }),
        fc.jsonValue(),
      ),
    },
    { requiredKeys: ['Effect', 'Action', 'Resource'] },
  )
  const deny = { Effect: 'Deny', Action: '*', Resource: '*' }
  let policies = 0
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 4 }), fc.nat(), (statements, at) => {
      const place = at % (statements.length + 1)
      const list = statements.toSpliced(place, 0, deny as never)
      const read = readPolicy(JSON.stringify({ Statement: list }), 'identity')
      if (!('document' in read)) return
      policies++
      const named = { name: 'p', statements: compilePolicy(read.document) }
      const request = { action: INVOKE, resource: ARN, context: contextOf({}) }
      assert.equal(evaluate([named], request).kind, 'denied')
    }),
    { numRuns: 2_000 },
  )
  assert.ok(policies > 50, `${policies} were policies`)
})
