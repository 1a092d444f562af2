/**
 * What IAM authorization costs a call: `node bench/signed-call.ts` prints microseconds for the signature of a request that
 * an SDK has signed, and for the decision of policies, apart from HTTP.
 */

import { decide } from '../src/aws/iam-identity/authorize.ts'
import { IamDirectory } from '../src/aws/iam-identity/directory.ts'
import { signRequest } from '../src/aws/sigv4/sign-request.ts'
import { SigningKeys } from '../src/aws/sigv4/signing-key.ts'
import { verifySignature } from '../src/aws/sigv4/sigv4.ts'
import type { WireRequest } from '../src/aws/wire-message.ts'
import { systemClock } from '../src/base/clock.ts'

const CALLS = 20_000
const ROUNDS = 5
const STATEMENTS = 20
const ACCOUNT = '123456789012'
const CREDENTIALS = {
  accessKeyId: 'AKPOBENCH',
  secretAccessKey: 'a secret of forty characters, or nearly',
}
const RESOURCE = `arn:aws:execute-api:eu-west-1:${ACCOUNT}:a1b2c3d4e5/prod/GET/orders/7`

const policy = {
  Version: '2012-10-17',
  Statement: Array.from({ length: STATEMENTS }, (_, i) => ({
    Effect: 'Allow',
    Action: 'execute-api:Invoke',
    Resource: `arn:aws:execute-api:*:*:a1b2c3d4e5/*/GET/${i === STATEMENTS - 1 ? 'orders' : `list${i}`}/*`,
    Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
  })),
}
const directory = new IamDirectory({
  revision: 1,
  sessionKey: '',
  policies: { p: JSON.stringify(policy) },
  identities: [
    {
      ...{ kind: 'user', accountId: ACCOUNT, id: 'AIDA', name: 'ada', tags: {}, policies: ['p'] },
      arn: `arn:aws:iam::${ACCOUNT}:user/ada`,
    },
  ],
  keys: [{ ...CREDENTIALS, accountId: ACCOUNT, active: true, userId: 'AIDA', readOnly: false }],
})

function signed(body: string): WireRequest {
  const request: WireRequest = {
    method: 'POST',
    target: '/orders/7?page=2',
    headers: [
      ['host', 'a1b2c3d4e5.execute-api.eu-west-1.example'],
      ['content-type', 'application/json'],
      ['user-agent', 'bench'],
    ],
    body: Buffer.from(body),
  }
  const scope = { region: 'eu-west-1', service: 'execute-api', epochMs: systemClock.epochMs() }
  return { ...request, headers: signRequest(request, CREDENTIALS, scope) }
}

const options = {
  secretOf: (id: string, token: string | undefined) => directory.find(id, token),
  services: ['execute-api'],
  clock: systemClock,
  signingKeys: new SigningKeys(),
}

function microseconds(work: () => boolean): string {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now()
    for (let i = 0; i < CALLS; i++) if (!work()) throw new Error('refused')
    best = Math.min(best, ((performance.now() - begun) / CALLS) * 1e3)
  }
  return `${best.toFixed(1)} µs`
}

const { signer } = directory.find(CREDENTIALS.accessKeyId, undefined)!
const context = { valuesOf: (key: string) => (key === 'aws:sourceip' ? ['10.1.2.3'] : undefined) }
const request = { action: 'execute-api:invoke', resource: RESOURCE, context }
const [small, large] = [signed('{}'), signed('x'.repeat(65_536))]
const verify = (call: WireRequest) => verifySignature(call, options).kind === 'verified'
console.log(`signature, small body  ${microseconds(() => verify(small))}`)
console.log(`signature, 64 KiB      ${microseconds(() => verify(large))}`)
console.log(
  `${STATEMENTS} statements          ${microseconds(() => decide(signer, request).kind === 'allowed')}`,
)
