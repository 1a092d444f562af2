/**
 * Test 21: no answer holds anything of a token, a key or an address, whatever went wrong (CVE-2022-29266), and no log
 * line holds a token.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testKey } from '../../src/features/authorize/jwt/token.fake.ts'
import { startGateway, TestClock } from '../harness/gateway.ts'
import { startIssuer } from '../harness/issuer.ts'
import { startEcho } from '../harness/origin.ts'

const CANARY = 'canary0123456789'

test('21 answers and logs hold nothing of a token, a key or an issuer', async (t) => {
  const clock = new TestClock()
  const issuer = await startIssuer(t, { epochMs: () => clock.epochMs() })
  const origin = await startEcho(t)
  const all = ['error', 'claims.sub', 'claims.canary', 'principalId', 'status']
  const gateway = await startGateway(t, {
    clock,
    jwt: issuer.authorizer,
    routes: { 'GET /': { uri: origin.url, scopes: ['needed'] } },
    logFormat: [
      '$context.requestId $context.error.message $context.error.messageString $context.path',
      '$context.error.responseType $context.integrationErrorMessage $context.identity.userAgent',
      ...all.map((name) => `$context.authorizer.${name}`),
    ].join(' '),
  })
  const mark = { sub: CANARY, canary: CANARY }
  const other = testKey('RS256', 'other')
  const good = issuer.token(mark)
  const tokens = [
    CANARY,
    `${CANARY}.${CANARY}.${CANARY}`,
    `${good}.${CANARY}`,
    good.slice(0, -8),
    issuer.token({ ...mark, aud: CANARY }),
    issuer.token({ ...mark, iss: `https://${CANARY}` }),
    issuer.token({ ...mark, exp: 1 }),
    issuer.token({ ...mark, nbf: 4e9, exp: 5e9 }),
    issuer.token({ ...mark, exp: CANARY }),
    issuer.token({ ...mark, scope: { [CANARY]: 1 } }),
    issuer.token(mark, { kid: CANARY }),
    issuer.token(mark, { alg: CANARY }),
    issuer.token(mark, { crit: [CANARY] }),
    issuer.token(mark, { kid: testKey().id }, other),
    good,
  ]
  for (const phase of ['up', 'down']) {
    for (const token of tokens) {
      const before = gateway.logLines.length
      const response = await gateway.get('/', `Authorization: Bearer ${token}`)
      assert.ok([401, 403].includes(response.status), `${phase}: ${response.status}`)
      const answer = [response.startLine, ...response.fields.flat(), response.text].join('\n')
      const line = gateway.logLines.slice(before).join('\n')
      for (const part of [CANARY, ...token.split('.').filter((each) => each.length > 4)]) {
        assert.ok(!answer.includes(part), `${phase}: the answer holds ${part.slice(0, 20)}`)
        assert.ok(!line.includes(part), `${phase}: the log holds ${part.slice(0, 20)}: ${line}`)
      }
      assert.ok(!answer.includes(issuer.url.slice(7)), 'the address of the issuer')
      assert.ok(!answer.includes(testKey().published.n!), 'a key')
    }
    issuer.fall()
    clock.advanceDate(6 * 3_600_000)
  }
  assert.equal(origin.requests.length, 0)
})
