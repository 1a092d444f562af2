/** What a verified token says is there for parameter mapping and access logs, and cannot break either. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startIssuer } from '../harness/issuer.ts'
import { startEcho } from '../harness/origin.ts'

const CLAIMS = {
  sub: 'jo',
  email: 'jörg@shop.example',
  'cognito:groups': ['staff', 'till 2'],
  'https://shop.example/tenant': 'north',
  level: 7,
  nothing: null,
}

test('a00004 claims in headers, queries and paths for the origin', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    jwt: issuer.authorizer,
    routes: {
      'GET /mapped': {
        uri: origin.url,
        requestParameters: {
          'overwrite:header.x-sub': '$context.authorizer.claims.sub',
          'overwrite:header.x-email': '$context.authorizer.claims.email',
          'overwrite:header.x-groups': '$context.authorizer.claims.cognito:groups',
          'overwrite:header.x-tenant': '${context.authorizer.claims.https://shop.example/tenant}',
          'overwrite:header.x-level': 'level ${context.authorizer.claims.level}',
          'overwrite:header.x-nothing': '$context.authorizer.claims.nothing',
          'overwrite:header.x-absent': '$context.authorizer.claims.constructor',
          'overwrite:querystring.email': '$context.authorizer.claims.email',
          'overwrite:path': '/of/${context.authorizer.claims.sub}',
        },
      },
    },
  })
  const forged = ['X-Sub: admin', 'x-groups: [root]']
  const field = `Authorization: Bearer ${issuer.token(CLAIMS)}`
  const response = await gateway.get('/mapped', field, ...forged)
  assert.equal(response.status, 200)
  const request = origin.requests[0]!
  assert.deepEqual(request.all('x-sub'), ['jo'])
  assert.equal(Buffer.from(request.get('x-email')!, 'latin1').toString(), 'jörg@shop.example')
  assert.deepEqual(request.all('x-groups'), ['[staff till 2]'])
  assert.equal(request.get('x-tenant'), 'north')
  assert.equal(request.get('x-level'), 'level 7')
  assert.equal(request.get('x-nothing'), undefined)
  assert.equal(request.get('x-absent'), undefined)
  assert.equal(request.target, '/of/jo?email=j%C3%B6rg%40shop.example')
})

test('a00004 claims in the access log', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    jwt: issuer.authorizer,
    routes: { 'GET /': origin.url, 'GET /open': { uri: origin.url, open: true } },
    logFormat: JSON.stringify({
      id: '$context.requestId',
      sub: '$context.authorizer.claims.sub',
      groups: '$context.authorizer.claims.cognito:groups',
      error: '$context.authorizer.error',
      principal: '$context.authorizer.principalId',
    }),
  })
  const seen = () => {
    const { id: _, ...line } = JSON.parse(gateway.logLines.at(-1)!) as Record<string, string>
    return line
  }
  const claims = { ...CLAIMS, sub: 'jo"\n\u001b[2J' }
  await gateway.get('/', `Authorization: Bearer ${issuer.token(claims)}`)
  const groups = '[staff till 2]'
  assert.deepEqual(seen(), { sub: 'jo"\n\u001b[2J', groups, error: '-', principal: '-' })
  await gateway.get('/open', `Authorization: Bearer ${issuer.token(claims)}`)
  assert.deepEqual(seen(), { sub: '-', groups: '-', error: '-', principal: '-' })
  await gateway.get('/', `Authorization: Bearer ${issuer.token({ ...claims, aud: 'bank' })}`)
  assert.equal(seen()['sub'], '-', 'what is not verified is not told')
  assert.match(seen()['error']!, /audiences/)
})
