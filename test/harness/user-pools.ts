/** User pools of a test: a Postern whose identity port is known, and the official client for it. */

import { createServer } from 'node:net'
import type { TestContext } from 'node:test'
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import type { Endpoint } from './outside-clients.ts'
import { startServer, type TestServer } from './server.ts'

export interface PoolServer {
  readonly server: TestServer
  /** Base of the issuers. */
  readonly identityUrl: string
  /** Signs what has to be signed, to the control port. */
  readonly admin: CognitoIdentityProviderClient
  /** Has no key at all, and talks to the identity port. */
  readonly everybody: CognitoIdentityProviderClient
}

export async function startPools(
  t: TestContext,
  data?: string,
  ...words: string[]
): Promise<PoolServer> {
  const port = await freePort()
  const server = await startServer(t, data, '--identity', String(port), ...words)
  const identityUrl = `http://localhost:${port}`
  const admin = poolClient(server.endpoint)
  const everybody = poolClient({ ...server.endpoint, url: identityUrl, accessKeyId: 'NOBODY' })
  t.after(() => {
    admin.destroy()
    everybody.destroy()
  })
  return { server, identityUrl, admin, everybody }
}

export function poolClient(endpoint: Endpoint): CognitoIdentityProviderClient {
  const { url, region, accessKeyId, secretAccessKey } = endpoint
  return new CognitoIdentityProviderClient({
    ...{ endpoint: url, region, maxAttempts: 1 },
    credentials: { accessKeyId, secretAccessKey },
  })
}

/** It may be taken by somebody else before it is used; tests that run beside each other take theirs far apart. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}
