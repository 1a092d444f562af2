/** An authorizer that is made with the SDK guards its route from the next request on, in every worker. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-apigatewayv2'
import { startIssuer } from '../harness/issuer.ts'
import { startPatientEcho } from '../harness/patient-origin.ts'
import { sdkClient } from '../harness/sdk.ts'
import { startServer } from '../harness/server.ts'

test('a00009 create-authorizer, update-route, and what clients see of it', async (t) => {
  const [issuer, origin, server] = [
    await startIssuer(t),
    await startPatientEcho(t),
    await startServer(t),
  ]
  const client = sdkClient(server.endpoint)
  t.after(() => client.destroy())
  const Target = `${origin.url}/`
  const { ApiId } = await client.send(
    new sdk.CreateApiCommand({ Name: 'shop', ProtocolType: 'HTTP', Target }),
  )
  const ask = async (token?: string) => {
    const fields = token === undefined ? [] : [`Authorization: Bearer ${token}`]
    return (await server.ask({ apiId: ApiId!, target: '/', fields })).status
  }
  const login = {
    ...{ ApiId, Name: 'login', AuthorizerType: 'JWT' as const },
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Issuer: issuer.url, Audience: ['shop'] },
  }
  const { AuthorizerId } = await client.send(new sdk.CreateAuthorizerCommand(login))
  assert.equal(await ask(), 200, 'no route uses it yet')
  const { Items: routes } = await client.send(new sdk.GetRoutesCommand({ ApiId }))
  const RouteId = routes![0]!.RouteId
  const guard = { AuthorizationType: 'JWT' as const, AuthorizerId, AuthorizationScopes: ['read'] }
  await client.send(new sdk.UpdateRouteCommand({ ApiId, RouteId, ...guard }))
  assert.equal(await ask(), 401)
  assert.equal(await ask(issuer.token()), 403)
  assert.equal(await ask(issuer.token({ scope: 'read' })), 200)

  const JwtConfiguration = { Issuer: issuer.url, Audience: ['bank'] }
  await client.send(new sdk.UpdateAuthorizerCommand({ ApiId, AuthorizerId, JwtConfiguration }))
  assert.equal(await ask(issuer.token({ scope: 'read' })), 401, 'its audience has changed')
  assert.equal(await ask(issuer.token({ scope: 'read', aud: 'bank' })), 200)

  await assert.rejects(
    client.send(
      new sdk.UpdateAuthorizerCommand({
        ...{ ApiId, AuthorizerId },
        JwtConfiguration: { Issuer: issuer.url, Audience: [] },
      }),
    ),
    (error) => error instanceof sdk.BadRequestException && /no audience/.test(error.message),
  )
  const plain = { Issuer: 'http://issuer.example', Audience: ['shop'] }
  await assert.rejects(
    client.send(new sdk.UpdateAuthorizerCommand({ ApiId, AuthorizerId, JwtConfiguration: plain })),
    (error) => error instanceof sdk.BadRequestException && /https/.test(error.message),
  )
  assert.equal(await ask(issuer.token({ scope: 'read', aud: 'bank' })), 200, 'nothing has changed')
  await client.send(new sdk.UpdateRouteCommand({ ApiId, RouteId, AuthorizationType: 'NONE' }))
  assert.equal(await ask(), 200)
})
