/**
 * A provider on this machine in the place of Cognito, Keycloak, Auth0 or Entra: discovery, keys and a token endpoint for
 * client credentials, under the path that the real one has, with tokens and keys of the real one's form.
 */

import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { signToken, testKey } from '../../src/features/authorize/jwt/token.fake.ts'

/** The variables of a provider's block in the guide. */
export type Settings = Readonly<Record<string, string>>

interface Form {
  /** Claims of an access token for the client, beside `iss`, `sub` and the times. */
  readonly claims: (settings: Settings) => object
  /** As the provider publishes its key; by default with everything. */
  readonly key?: object
}

const FORMS: Readonly<Record<string, Form>> = {
  'Cognito on AWS': {
    claims: ({ AUDIENCE, SCOPE }) => ({
      ...{ client_id: AUDIENCE, token_use: 'access', scope: SCOPE, version: 2, jti: '1' },
    }),
  },
  Keycloak: {
    claims: ({ AUDIENCE, SCOPE, CLIENT_ID }) => ({
      ...{ aud: [AUDIENCE, 'account'], azp: CLIENT_ID, typ: 'Bearer', acr: '1' },
      ...{ scope: `profile ${SCOPE} email`, realm_access: { roles: ['offline_access'] } },
    }),
  },
  Auth0: {
    claims: ({ AUDIENCE, SCOPE, CLIENT_ID }) => ({
      ...{ aud: AUDIENCE, azp: CLIENT_ID, gty: 'client-credentials', scope: SCOPE },
    }),
  },
  'Microsoft Entra': {
    claims: ({ AUDIENCE, CLIENT_ID }) => ({
      ...{ aud: AUDIENCE, azp: CLIENT_ID, azpacr: '1', roles: ['Orders.Read'], ver: '2.0' },
    }),
    key: { alg: undefined, x5t: 'thumb', x5c: ['MIIC'] },
  },
}

const SUBJECT = 'the-client'

/** Serves until the test ends; resolves to its issuer. */
export async function startProvider(
  t: TestContext,
  name: string,
  settings: Settings,
): Promise<string> {
  const { claims, key: changes = {} } = FORMS[name]!
  const key = testKey('RS256')
  const encryption = { ...testKey('RS256', 'enc').published, use: 'enc', alg: 'RSA-OAEP' }
  const keys = [encryption, { ...key.published, ...changes }]
  const { pathname } = new URL(settings['ISSUER']!)
  const server = http.createServer(async (request, response) => {
    const origin = `http://localhost:${(server.address() as AddressInfo).port}`
    const base = origin + pathname.replace(/\/$/, '')
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    switch (`${request.method} ${origin}${request.url}`) {
      case `GET ${base}/.well-known/openid-configuration`:
        answer(200, {
          ...{ issuer: origin + pathname, jwks_uri: `${base}/certs` },
          ...{ token_endpoint: `${base}/token` },
        })
        return
      case `GET ${base}/certs`:
        answer(200, { keys })
        return
      case `POST ${base}/token`: {
        if (!(await asksAsTheGuideSays(request, settings))) {
          answer(400, { error: 'invalid_request' })
          return
        }
        const now = Math.floor(Date.now() / 1000)
        const times = { iat: now, nbf: now, exp: now + 3_600 }
        const token = { iss: origin + pathname, sub: SUBJECT, ...times, ...claims(settings) }
        answer(200, { access_token: signToken(key, token), token_type: 'Bearer' })
        return
      }
      default:
        answer(404, { error: request.url })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://localhost:${(server.address() as AddressInfo).port}${pathname}`
}

async function asksAsTheGuideSays(
  request: http.IncomingMessage,
  { CLIENT_ID, CLIENT_SECRET, ASK_FOR }: Settings,
): Promise<boolean> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  const form = new URLSearchParams(body)
  const asked = [...new URLSearchParams(ASK_FOR)]
  return (
    form.get('grant_type') === 'client_credentials' &&
    form.get('client_id') === CLIENT_ID &&
    form.get('client_secret') === CLIENT_SECRET &&
    asked.length > 0 &&
    asked.every(([name, value]) => form.get(name) === value)
  )
}
