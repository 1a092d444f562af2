import assert from 'node:assert/strict'
import test from 'node:test'
import type { Exchange } from '../../http/exchange.ts'
import { RequestHead } from '../../http/message/request-head.ts'
import { TrustedProxies } from './trusted-proxies.ts'

function from(remoteAddress: string, forwardedFor?: string): Exchange {
  const request = new RequestHead(4)
  if (forwardedFor !== undefined) request.fields.append('X-Forwarded-For', forwardedFor)
  return { request, connection: { remoteAddress } } as Exchange
}

const PROXIES = new TrustedProxies(['10.0.0.0/8', '::1', '2001:db8::/32'])

const CASES: readonly (readonly [remote: string, header: string | undefined, source: string])[] = [
  ['192.0.2.1', undefined, '192.0.2.1'],
  ['192.0.2.1', '1.1.1.1', '192.0.2.1'],
  ['10.1.1.1', undefined, '10.1.1.1'],
  ['10.1.1.1', '1.1.1.1', '1.1.1.1'],
  ['10.1.1.1', '6.6.6.6, 1.1.1.1, 10.2.2.2', '1.1.1.1'],
  ['10.1.1.1', '10.3.3.3, 10.2.2.2', '10.3.3.3'],
  ['::1', '2001:db8::7', '2001:db8::7'],
  ['10.1.1.1', 'nonsense, 1.1.1.1, junk', '10.1.1.1'],
]

for (const [remote, header, source] of CASES) {
  test(`from ${remote} with ${header ?? 'nothing'}: ${source}`, () => {
    assert.equal(PROXIES.sourceIp(from(remote, header)), source)
  })
}

for (const cidr of ['', 'nonsense', '10.0.0.0/33', '10.0.0.0/x', '::/129']) {
  test(`${JSON.stringify(cidr)} is refused`, () => {
    assert.throws(() => new TrustedProxies([cidr]), RangeError)
  })
}
