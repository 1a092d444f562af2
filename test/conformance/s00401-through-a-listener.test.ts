/** An integration with a listener: rules by what is sent, weighted groups, answers of the listener itself. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BalancingRule, RuleCondition } from '../../src/domain/balancing.ts'
import {
  documentOf,
  forwardTo,
  groupOf,
  LISTENER,
  THROUGH_LISTENER,
  untilStates,
} from '../harness/balancing.ts'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

test('s00401 three targets take turns', async (t) => {
  const origins = await Promise.all(['a', 'b', 'c'].map((name) => startEcho(t, name)))
  const group = groupOf(
    'three',
    origins.map(({ port }) => port),
  )
  const gateway = await startGateway(t, {
    routes: { $default: THROUGH_LISTENER },
    balancing: documentOf([group]),
  })
  await untilStates(gateway, group, ['healthy', 'healthy', 'healthy'])
  const seen: string[] = []
  const client = await gateway.client()
  for (let i = 0; i < 9; i++) {
    const echo = (await client.get(`/items/${i}?q=1`, 'X-Own: yes')).json as Echo
    assert.equal(echo.target, `/items/${i}?q=1`)
    assert.equal(echo.fields['host'], 'inner.internal')
    assert.equal(echo.fields['x-own'], 'yes')
    seen.push(echo.origin)
  }
  for (const name of ['a', 'b', 'c']) {
    assert.equal(seen.filter((one) => one === name).length, 3, seen.join(' '))
  }
  const figures = gateway.targets.figures().get(group.arn)!
  assert.equal(figures.requests, 9)
  assert.equal(figures.status2xx, 9)
  assert.equal(figures.healthy, 3)
  assert.equal(figures.inFlight, 0)
})

test('s00401 the first rule that holds decides', async (t) => {
  const [special, plain] = await Promise.all([startEcho(t, 'special'), startEcho(t, 'plain')])
  const groups = [groupOf('special', [special.port]), groupOf('plain', [plain.port])] as const
  const when = (...conditions: RuleCondition[]): BalancingRule => ({
    ...forwardTo(groups[0]),
    arn: `${LISTENER}/rule`,
    conditions,
  })
  const gateway = await startGateway(t, {
    routes: { $default: THROUGH_LISTENER },
    balancing: documentOf(groups, [
      when(
        { field: 'path-pattern', values: ['/img/*.pn?'] },
        { field: 'http-request-method', values: ['GET'] },
      ),
      when({ field: 'http-header', name: 'X-Tier', values: ['gold*'] }),
      when({ field: 'query-string', values: [{ key: 'v', value: '2*' }, { value: 'beta' }] }),
      when({ field: 'host-header', values: ['*.SHOP.internal'] }),
      when({ field: 'source-ip', values: ['10.0.0.0/8'] }),
      {
        arn: `${LISTENER}/fixed`,
        conditions: [{ field: 'path-pattern', values: ['/teapot'] }],
        action: { type: 'fixed-response', status: 418, contentType: 'text/plain', body: 'short' },
      },
      {
        arn: `${LISTENER}/moved`,
        conditions: [{ field: 'path-pattern', values: ['/old/*'] }],
        action: {
          type: 'redirect',
          status: 301,
          location: 'https://new.example:443/#{path}?#{query}',
        },
      },
      forwardTo(groups[1]),
    ]),
  })
  await untilStates(gateway, groups[0], ['healthy'])
  await untilStates(gateway, groups[1], ['healthy'])
  const cases: [string, string, string[], string][] = [
    ['GET', '/img/x.png', [], 'special'],
    ['GET', '/img/deep/x.pnG', [], 'special'],
    ['GET', '/IMG/x.png', [], 'plain'],
    ['GET', '/img/x.png5', [], 'plain'],
    ['DELETE', '/img/x.png', [], 'plain'],
    ['GET', '/', ['x-tier: GOLDEN'], 'special'],
    ['GET', '/', ['x-tier: silver'], 'plain'],
    ['GET', '/?a=1&V=2b', [], 'special'],
    ['GET', '/?v=3', [], 'plain'],
    ['GET', '/?any=BETA', [], 'special'],
    ['GET', '/?v=2%20', [], 'special'],
  ]
  const client = await gateway.client()
  for (const [method, target, fields, origin] of cases) {
    const answer = await client.call(method, target, fields)
    assert.equal((answer.json as Echo).origin, origin, `${method} ${target} ${fields.join()}`)
  }
  const fixed = await client.get('/teapot')
  assert.equal(fixed.status, 418)
  assert.equal(fixed.text, 'short')
  assert.equal(fixed.get('content-type'), 'text/plain')
  const moved = await client.get('/old/a/b?c=d')
  assert.equal(moved.status, 301)
  assert.equal(moved.get('location'), 'https://new.example:443/old/a/b?c=d')
})

test('s00401 weights of groups: blue and green', async (t) => {
  const [blue, green] = await Promise.all([startEcho(t, 'blue'), startEcho(t, 'green')])
  const groups = [groupOf('blue', [blue.port]), groupOf('green', [green.port])] as const
  const weighted = (blueWeight: number, greenWeight: number, stickySeconds?: number) => [
    {
      arn: `${LISTENER}/default`,
      conditions: [],
      action: {
        type: 'forward',
        targetGroups: [
          { arn: groups[0].arn, weight: blueWeight },
          { arn: groups[1].arn, weight: greenWeight },
        ],
        ...(stickySeconds === undefined ? {} : { stickySeconds }),
      },
    } as const,
  ]
  const gateway = await startGateway(t, {
    routes: { $default: THROUGH_LISTENER },
    balancing: documentOf(groups, weighted(9, 1)),
  })
  await untilStates(gateway, groups[0], ['healthy'])
  await untilStates(gateway, groups[1], ['healthy'])
  const client = await gateway.client()
  const share = async () => {
    let toGreen = 0
    for (let i = 0; i < 100; i++) {
      if (((await client.get('/')).json as Echo).origin === 'green') toGreen++
    }
    return toGreen
  }
  assert.equal(await share(), 10)
  gateway.balancing = documentOf(groups, weighted(0, 100), 2)
  gateway.apply({ routes: { $default: THROUGH_LISTENER } })
  assert.equal(await share(), 100)
  gateway.balancing = documentOf(groups, weighted(1, 1, 60), 3)
  gateway.apply({ routes: { $default: THROUGH_LISTENER } })
  const first = await client.get('/')
  const stuck = first.fields.find(
    ([name, value]) => name === 'set-cookie' && value.startsWith('AWSALBTG='),
  )
  assert(stuck !== undefined, 'the client is told its group')
  const cookie = `Cookie: a=b; ${stuck[1].split(';')[0]}`
  for (let i = 0; i < 10; i++) {
    const again = await client.get('/', cookie)
    assert.equal((again.json as Echo).origin, (first.json as Echo).origin)
  }
})

test('s00401 nobody is there: 503 with the reason', async (t) => {
  const empty = groupOf('empty', [])
  const gateway = await startGateway(t, {
    routes: { $default: THROUGH_LISTENER },
    balancing: documentOf([empty]),
  })
  const answer = await gateway.get('/')
  assert.equal(answer.status, 503)
  assert.deepEqual(answer.json, { message: 'Service Unavailable' })
  const told = gateway.explain(answer)
  assert.equal(told.reasonCode, 'NO_TARGET')
  assert.match(told.detail ?? '', /target group empty has no targets/)
  gateway.balancing = { revision: 2, listeners: {}, targetGroups: {} }
  gateway.apply({ routes: { $default: THROUGH_LISTENER } })
  const gone = await gateway.get('/')
  assert.equal(gone.status, 503)
  assert.match(gateway.explain(gone).detail ?? '', /no listener/)
})
