/** The keys of an issuer: fetched once, changed, and not there. Whatever is not certain refuses. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testKey } from '../../src/features/authorize/jwt/token.fake.ts'
import { startGateway, TestClock } from '../harness/gateway.ts'
import { type Issuer, startIssuer } from '../harness/issuer.ts'
import { startEcho } from '../harness/origin.ts'

const [OLD, NEW] = [testKey('RS256'), testKey('ES256')]
const HOUR_MS = 3_600_000

async function started(t: Parameters<typeof startGateway>[0]) {
  const clock = new TestClock()
  const issuer = await startIssuer(t, { epochMs: () => clock.epochMs() })
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    ...{ clock, routes: { $default: origin.url }, jwt: issuer.authorizer },
    logFormat: '$context.requestId $context.authorizer.error',
  })
  const status = async (token: string) =>
    (await gateway.get('/', `Authorization: Bearer ${token}`)).status
  return { clock, issuer, origin, gateway, status }
}

function longToken(issuer: Issuer, key = OLD): string {
  const exp = Math.floor(Date.UTC(2026, 0, 9) / 1000)
  return issuer.token({ exp }, {}, key)
}

test('a00003 many first calls are one question to the issuer', async (t) => {
  const { issuer, status } = await started(t)
  const statuses = await Promise.all(
    Array.from({ length: 20 }, (_, i) => status(issuer.token({ jti: `${i}` }))),
  )
  assert.deepEqual(new Set(statuses), new Set([200]))
  assert.equal(issuer.asked.length, 2)
})

test('a00003 a key that the issuer has published since is fetched when a token names it', async (t) => {
  const { clock, issuer, status } = await started(t)
  assert.equal(await status(longToken(issuer)), 200)
  issuer.keys = [OLD, NEW]
  clock.advanceDate(5_000)
  assert.equal(await status(longToken(issuer, NEW)), 200)
  assert.equal(await status(longToken(issuer)), 200)
  assert.equal(issuer.keysAsked, 2)
})

test('a00003 a key that the issuer has withdrawn opens nothing, not even to a known token', async (t) => {
  const { clock, issuer, status } = await started(t)
  const token = longToken(issuer)
  assert.equal(await status(token), 200)
  issuer.keys = [NEW]
  clock.advanceDate(5_000)
  assert.equal(await status(longToken(issuer, NEW)), 200)
  assert.equal(await status(token), 401)
})

test('a00003 an issuer that was never there: 401, and only the log knows why', async (t) => {
  const { clock, issuer, gateway, origin, status } = await started(t)
  issuer.fall()
  const response = await gateway.get('/', `Authorization: Bearer ${issuer.token()}`)
  assert.equal(response.status, 401)
  assert.equal(
    response.get('www-authenticate'),
    'Bearer scope="" error="invalid_token" error_description="unable to verify the token"',
  )
  assert.match(gateway.logLines[0]!, /keys of the issuer could not be fetched.*status 500/)
  assert.equal(await status(issuer.token()), 401)
  assert.equal(issuer.asked.length, 1, 'it is not asked for every call')
  assert.equal(origin.requests.length, 0)
  issuer.rise()
  clock.advanceDate(5_000)
  assert.equal(await status(issuer.token()), 200)
})

test('a00003 while the issuer is down its keys serve, for a while', async (t) => {
  const { clock, issuer, status } = await started(t)
  const token = longToken(issuer)
  assert.equal(await status(token), 200)
  issuer.fall()
  clock.advanceDate(HOUR_MS)
  assert.equal(await status(token), 200)
  clock.advanceDate(2 * HOUR_MS)
  assert.equal(await status(token), 200)
  assert.equal(await status(issuer.token({ jti: 'new' })), 200)
  clock.advanceDate(HOUR_MS)
  assert.equal(await status(token), 401)
  issuer.rise()
  clock.advanceDate(5_000)
  assert.equal(await status(token), 200)
})

test('a00003 a client that leaves while keys are fetched is 499, and the others go on', async (t) => {
  const { issuer, gateway } = await started(t)
  let release = (): void => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  issuer.answerKeys(() => {
    void held.then(() => {
      issuer.answers.clear()
      issuer.origin.connections.at(-1)!.send(issuer.answer('/keys')!)
    })
    return undefined
  })
  const [leaving, staying] = [await gateway.client(), await gateway.client()]
  leaving.ask('GET', '/', [`Authorization: ${issuer.token({ jti: '1' })}`])
  staying.ask('GET', '/', [`Authorization: ${issuer.token({ jti: '2' })}`])
  while (issuer.asked.length < 2) await new Promise((resolve) => setImmediate(resolve))
  leaving.reset()
  while (gateway.logLines.length === 0) await new Promise((resolve) => setImmediate(resolve))
  release()
  assert.equal((await staying.response()).status, 200)
  assert.equal(gateway.plane.inFlight, 0)
})
