import assert from 'node:assert/strict'
import test from 'node:test'
import type { LinkAllowance } from '../domain/link.ts'
import { allowancesFor, allowsPath } from './allow-list.ts'

const ALLOW: LinkAllowance[] = [
  { host: 'orders.internal', port: 8080, pathPrefix: '/v1' },
  { host: '*.mesh.internal', port: 443, pathPrefix: '/', stage: 'api1/prod' },
  { host: '10.0.0.7', port: 80, pathPrefix: '/a/' },
]

interface Case {
  readonly host?: string
  readonly port?: number
  readonly stage?: string
  readonly target?: string
  readonly allowed: boolean
}

const CASES: Case[] = [
  { allowed: true },
  { target: '/v1/x?y=/../z', allowed: true },
  { target: '/v1?x', allowed: true },
  { target: '/v10', allowed: false },
  { target: '/', allowed: false },
  { target: '/v1/../admin', allowed: false },
  { target: '/v1/%2e%2e/admin', allowed: false },
  { target: '/v1/..%2fadmin', allowed: false },
  { target: '/v1/..;/admin', allowed: false },
  { target: '//v1', allowed: false },
  { target: 'http://other/v1', allowed: false },
  { target: '*', allowed: false },
  { port: 8081, allowed: false },
  { host: 'x.orders.internal', allowed: false },
  { host: 'orders.internal.evil.test', allowed: false },
  { host: 'a.mesh.internal', port: 443, stage: 'api1/prod', target: '/any', allowed: true },
  { host: 'a.b.mesh.internal', port: 443, stage: 'api1/prod', target: '/', allowed: true },
  { host: 'mesh.internal', port: 443, stage: 'api1/prod', target: '/', allowed: false },
  { host: '.mesh.internal', port: 443, stage: 'api1/prod', target: '/', allowed: false },
  { host: 'a.mesh.internal', port: 443, stage: 'api1/dev', target: '/', allowed: false },
  { host: 'a.mesh.internal', port: 443, stage: '', target: '/health', allowed: true },
  { host: 'a.mesh.internal', port: 444, stage: '', target: '/health', allowed: false },
  { stage: '', target: '/v1/health', allowed: true },
  { stage: '', target: '/health', allowed: false },
  { host: '10.0.0.7', port: 80, target: '/a/b', allowed: true },
  { host: '10.0.0.7', port: 80, target: '/a', allowed: false },
  { host: '127.0.0.1', allowed: false },
]

for (const {
  host = 'orders.internal',
  port = 8080,
  stage = 'api1/dev',
  target = '/v1/x',
  allowed,
} of CASES) {
  test(`${host}:${port}${target} for ${stage}: ${allowed ? 'reached' : 'refused'}`, () => {
    const fitting = allowancesFor(ALLOW, { host, port, stage })
    assert.equal(allowsPath(fitting, target), allowed)
  })
}

test('nothing is reached by an empty list', () => {
  assert.equal(allowsPath(allowancesFor([], { host: 'a', port: 1, stage: 's' }), '/'), false)
})
