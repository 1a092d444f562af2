/**
 * Test 15: a Connection field cannot take away what the gateway says, and what concerns one hop stays there.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, ok, startEcho, startServing } from '../harness/origin.ts'

test('15 nominating fields of the gateway removes none of them', async (t) => {
  const origin = await startEcho(t)
  const mapped = {
    'overwrite:header.x-user': '$context.requestId',
    'append:header.x-stage': '$context.stage',
  }
  const gateway = await startGateway(t, {
    routes: { $default: { uri: origin.url, requestParameters: mapped } },
  })
  const nominated =
    'X-Forwarded-For, X-Forwarded-Proto, Forwarded, Via, X-User, X-Stage, Host, Content-Length'
  for (const list of [
    nominated,
    nominated.toUpperCase(),
    `close, ${nominated}`,
    nominated.replaceAll(', ', ' ,\t'),
  ]) {
    const response = await gateway.call('POST', '/', [`Connection: ${list}`], 'body')
    const { fields, body } = response.json as Echo
    for (const name of [
      'host',
      'forwarded',
      'x-forwarded-for',
      'x-forwarded-proto',
      'via',
      'x-user',
      'x-stage',
    ]) {
      assert.notEqual(fields[name], undefined, `${name} with ${list}`)
    }
    assert.equal(body, 'body')
    assert.equal(fields['connection'], undefined)
  }
})

test('15 several Connection lines count as one list', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  const { fields } = (
    await gateway.get(
      '/',
      'Connection: x-one',
      'X-One: 1',
      'Connection: x-two, ,',
      'X-Two: 2',
      'X-Three: 3',
    )
  ).json as Echo
  assert.deepEqual(
    [fields['x-one'], fields['x-two'], fields['x-three']],
    [undefined, undefined, '3'],
  )
})

const HOP = [
  'TE',
  'Trailer',
  'Keep-Alive',
  'Proxy-Connection',
  'Proxy-Authorization',
  'Proxy-Authenticate',
  'Upgrade',
  'Transfer_Encoding',
  'Proxy_Connection',
]

test('15 fields of one hop pass in neither direction, in no spelling', async (t) => {
  const answer = ok('x', ...HOP.slice(0, 7).map((name) => `${name}: hop-value`))
  const origin = await startServing(t, () => answer)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  for (const spell of [(name: string) => name, (name: string) => name.toUpperCase()]) {
    const response = await gateway.get('/', ...HOP.map((name) => `${spell(name)}: hop-value`))
    assert.deepEqual(
      response.fields.filter(([, value]) => value === 'hop-value'),
      [],
    )
  }
  for (const request of origin.requests) {
    assert.deepEqual(
      request.fields.filter(([, value]) => value === 'hop-value'),
      [],
    )
  }
})
