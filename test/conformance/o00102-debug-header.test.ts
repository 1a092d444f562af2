/** The debug header: holders of a key are told why, nobody else is, and the key goes nowhere. */

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startIssuer } from '../harness/issuer.ts'
import { ok, startServing } from '../harness/origin.ts'

const KEY = 'a key that only operators hold'
const HELD = `x-postern-debug: ${KEY}`
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex')

async function start(t: TestContext, debugKeys = [hashOf('another'), hashOf(KEY)]) {
  const issuer = await startIssuer(t)
  const origin = await startServing(t, () => ok('fine', 'X-Postern-Why: forged', 'Vary: Accept'))
  const gateway = await startGateway(t, {
    debugKeys,
    jwt: issuer.authorizer,
    logFormat: '$context.requestId $context.path',
    routes: {
      'GET /open': { uri: origin.url, open: true },
      'GET /mapped': {
        ...{ uri: origin.url, open: true },
        requestParameters: { 'overwrite:header.x-copy': '$request.header.x-postern-debug' },
      },
      'GET /guarded': origin.url,
      'GET /gone': { uri: 'http://127.0.0.1:1/', open: true },
    },
  })
  return { issuer, origin, gateway }
}

test('o00102 a refusal says its step, its rule, what was seen and what would pass', async (t) => {
  const { gateway } = await start(t)
  const answer = await gateway.get('/guarded', HELD)
  assert.equal(answer.status, 401)
  assert.match(
    answer.get('x-postern-why') ?? '',
    /^step=authorize; reason=TOKEN_MISSING; rule="JWT authorizer: [^"]+"; seen="nothing there"; passes="a token of [^"]+"; gateway=[\d.]+ms$/,
  )
  assert.equal(answer.get('vary'), 'x-postern-debug')
})

test('o00102 so do a good call, an integration that is not there, and what has no stage', async (t) => {
  const { gateway } = await start(t)
  const good = await gateway.get('/open', HELD)
  assert.match(
    good.get('x-postern-why') ?? '',
    /^step=integrate; gateway=[\d.]+ms; integration=[\d.]+ms$/,
  )
  assert.deepEqual(good.all('vary').join(), 'Accept,x-postern-debug')
  const gone = await gateway.get('/gone', HELD)
  assert.match(
    gone.get('x-postern-why') ?? '',
    /^step=integrate; reason=INTEGRATION_UNREACHABLE; .*ECONNREFUSED/,
  )
  const none = await gateway.get('/none', HELD)
  assert.match(none.get('x-postern-why') ?? '', /^step=route; reason=ROUTE_NOT_FOUND; /)
  const lost = await gateway.get('/', HELD, 'Host: other.execute-api.localhost')
  assert.match(lost.get('x-postern-why') ?? '', /^step=host; reason=API_NOT_FOUND; /)
})

for (const [what, fields] of [
  ['no key', []],
  ['another key', ['x-postern-debug: another one']],
  ['an empty key', ['x-postern-debug:']],
  ['the hash for a key', [`x-postern-debug: ${hashOf(KEY)}`]],
  ['two keys', [HELD, HELD]],
  ['a key that is too long', [`x-postern-debug: ${'k'.repeat(300)}`]],
] as const) {
  test(`o00102 ${what}: nothing is told`, async (t) => {
    const { gateway } = await start(t)
    for (const target of ['/open', '/guarded', '/none']) {
      const answer = await gateway.get(target, ...fields)
      assert.equal(answer.get('x-postern-why'), undefined)
      assert(!(answer.get('vary') ?? '').includes('postern'))
    }
  })
}

for (const keys of [[], [hashOf(KEY)]]) {
  test(`o00102 the key reaches no origin, no mapping and no log, with ${keys.length} keys set`, async (t) => {
    const { gateway, origin } = await start(t, keys)
    const answer = await gateway.get('/mapped', HELD, 'X_Postern_Debug: k', 'x-postern-why: forged')
    assert.equal(answer.status, 200)
    assert.equal(answer.get('x-postern-why') === undefined, keys.length === 0)
    assert(
      !/postern-debug|postern_debug|operators|postern-why|x-copy/i.test(origin.recorded.join()),
    )
    assert(!gateway.logLines.join().includes('operators'))
    assert(!JSON.stringify(gateway.explain(answer)).includes('operators'))
  })
}

test('o00102 what a client sends cannot end the field or begin another', async (t) => {
  const { gateway } = await start(t)
  const answer = await gateway.get('/a%22%5Cb', HELD)
  const why = answer.get('x-postern-why') ?? ''
  assert.match(why, /^step=(?:route|path); reason=/)
  assert.equal((why.match(/"/g) ?? []).length % 2, 0)
})
