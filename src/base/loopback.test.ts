import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLoopbackHost } from './loopback.ts'

const OWN = ['localhost', 'api.localhost', '127.0.0.1', '127.255.0.3', '::1', '[::1]']
const OTHERS = [
  '',
  '0.0.0.0',
  '::',
  '127.0.0.1.nip.io',
  '127.evil.example',
  'localhost.example',
  '10.0.0.1',
  '::2',
]

for (const host of OWN)
  test(`${host} is this machine`, () => assert.equal(isLoopbackHost(host), true))
for (const host of OTHERS)
  test(`"${host}" may be another`, () => assert.equal(isLoopbackHost(host), false))
