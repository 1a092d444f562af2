/** A deployment that leaves an authorizer alone keeps what is known of its issuer; one that changes it is felt at once. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startIssuer } from '../harness/issuer.ts'
import { startEcho } from '../harness/origin.ts'

test('a00006 keys and verdicts outlive a deployment', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const stage = { routes: { 'GET /': origin.url }, jwt: issuer.authorizer }
  const gateway = await startGateway(t, stage)
  const field = `Authorization: ${issuer.token()}`
  assert.equal((await gateway.get('/', field)).status, 200)
  gateway.apply({ ...stage, routes: { ...stage.routes, 'GET /more': origin.url } })
  assert.equal((await gateway.get('/more', field)).status, 200)
  assert.equal(issuer.asked.length, 2)
  gateway.apply({ ...stage, jwt: { ...stage.jwt, audience: ['bank'] } })
  assert.equal((await gateway.get('/', field)).status, 401, 'the audience has changed')
  assert.equal(issuer.asked.length, 2, 'the issuer has not')
  gateway.apply({ routes: stage.routes })
  assert.equal((await gateway.get('/')).status, 200, 'the authorizer is gone')
})

test('a00006 two APIs with the same authorizer ask its issuer once, and one with another audience', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const api = (apiId: string, audience: string[]) => ({
    ...{ apiId, routes: { 'GET /': origin.url }, jwt: { ...issuer.authorizer, audience } },
  })
  const gateway = await startGateway(t, {
    stages: [api('aaaaaaaaaa', ['shop']), api('bbbbbbbbbb', ['shop']), api('cccccccccc', ['till'])],
  })
  const field = `Authorization: ${issuer.token()}`
  const status = async (apiId: string) =>
    (await gateway.get('/', `Host: ${apiId}.execute-api.localhost`, field)).status
  assert.equal(await status('aaaaaaaaaa'), 200)
  assert.equal(await status('bbbbbbbbbb'), 200)
  assert.equal(await status('cccccccccc'), 401)
  assert.equal(issuer.asked.length, 2)
})

test('a00006 an authorizer that cannot be compiled refuses, and what was served goes on', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const stage = { routes: { 'GET /': origin.url }, jwt: issuer.authorizer }
  const gateway = await startGateway(t, stage)
  const broken = [
    [{ issuer: 'http://issuer.example' }, /login: its issuer must be an https address/],
    [{ issuer: 'issuer' }, /login: its issuer must be/],
    [{ ...issuer.authorizer, identitySource: '$request.body.token' }, /no place of a token/],
    [{ ...issuer.authorizer, authorizerType: 'REQUEST' as 'JWT' }, /no JWT authorizer login/],
  ] as const
  for (const [jwt, reason] of broken) {
    assert.throws(() => gateway.apply({ ...stage, jwt }), reason)
    assert.equal((await gateway.get('/')).status, 401)
  }
})
