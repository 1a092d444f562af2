/** An HTTP API whose JWT authorizer names a built-in pool: both tokens open it, and nothing else does. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as gateway from '@aws-sdk/client-apigatewayv2'
import * as sdk from '@aws-sdk/client-cognito-identity-provider'
import { startPatientEcho } from '../harness/patient-origin.ts'
import { sdkClient } from '../harness/sdk.ts'
import { poolWithClient, startPools } from '../harness/user-pools.ts'

const PASSWORD = 'Correct-Horse-1'

test('u00004 access and id token of a pool open the API of its client, also after a restart', async (t) => {
  const origin = await startPatientEcho(t)
  const pools = await startPools(t)
  const { admin, everybody, identityUrl, server } = pools
  const { UserPoolId, ClientId } = await poolWithClient(pools)
  const user = { UserPoolId, Username: 'ada' }
  await admin.send(new sdk.AdminCreateUserCommand({ ...user, MessageAction: 'SUPPRESS' }))
  await admin.send(
    new sdk.AdminSetUserPasswordCommand({ ...user, Password: PASSWORD, Permanent: true }),
  )
  const tokensOf = async (client: string) => {
    const { AuthenticationResult } = await everybody.send(
      new sdk.InitiateAuthCommand({
        ...{ ClientId: client, AuthFlow: 'USER_PASSWORD_AUTH' },
        AuthParameters: { USERNAME: 'ada', PASSWORD },
      }),
    )
    return AuthenticationResult!
  }
  const other = await admin.send(
    new sdk.CreateUserPoolClientCommand({
      ...{ UserPoolId, ClientName: 'other' },
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
    }),
  )
  const api = sdkClient(server.endpoint)
  t.after(() => api.destroy())
  const { ApiId } = await api.send(
    new gateway.CreateApiCommand({ Name: 'shop', ProtocolType: 'HTTP', Target: `${origin.url}/` }),
  )
  const { AuthorizerId } = await api.send(
    new gateway.CreateAuthorizerCommand({
      ...{ ApiId, Name: 'pool', AuthorizerType: 'JWT' },
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: `${identityUrl}/${UserPoolId}`, Audience: [ClientId] },
    }),
  )
  const { Items: routes } = await api.send(new gateway.GetRoutesCommand({ ApiId }))
  const RouteId = routes![0]!.RouteId
  const AuthorizationScopes = ['aws.cognito.signin.user.admin']
  const guard = { AuthorizationType: 'JWT' as const, AuthorizerId }
  await api.send(new gateway.UpdateRouteCommand({ ApiId, RouteId, ...guard }))
  const ask = async (token: string | undefined, on = server) => {
    const fields = token === undefined ? [] : [`Authorization: Bearer ${token}`]
    return (await on.ask({ apiId: ApiId!, target: '/', fields })).status
  }
  const { AccessToken, IdToken } = await tokensOf(ClientId)
  const stranger = await tokensOf(other.UserPoolClient!.ClientId!)
  assert.deepEqual(
    [
      await ask(undefined),
      await ask(AccessToken),
      await ask(IdToken),
      await ask(stranger.AccessToken),
      await ask(stranger.IdToken),
      await ask(`${AccessToken!.slice(0, -4)}AAAA`),
    ],
    [401, 200, 200, 401, 401, 401],
  )
  await api.send(new gateway.UpdateRouteCommand({ ApiId, RouteId, AuthorizationScopes }))
  assert.deepEqual(
    [await ask(AccessToken), await ask(IdToken)],
    [200, 403],
    'scopes are in access tokens',
  )

  await server.stop()
  const port = new URL(identityUrl).port
  const again = await startPools(t, server.folder, '--identity', port)
  assert.equal(await ask(AccessToken, again.server), 200, 'the keys are the same')
})
