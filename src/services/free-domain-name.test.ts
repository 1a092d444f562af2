import assert from 'node:assert/strict'
import test from 'node:test'
import { isDomainNameFree } from './free-domain-name.ts'

const TAKEN = [
  ['1', 'eu-west-1', 'api.example.com'],
  ['1', 'eu-west-1', '*.example.com'],
  ['2', 'eu-west-1', 'a.b.example.org'],
].map(([accountId = '', region = '', id = '']) => ({ id, scope: { accountId, region } }))

const CASES: readonly (readonly [account: string, name: string, free: boolean])[] = [
  ['1', 'api.example.com', false],
  ['2', 'api.example.com', false],
  ['1', '*.example.com', false],
  ['1', 'other.example.com', true],
  ['2', 'other.example.com', false],
  ['2', 'a.other.example.com', true],
  ['2', 'example.com', true],
  ['2', 'xexample.com', true],
  ['1', '*.b.example.org', false],
  ['2', '*.b.example.org', true],
  ['1', '*.example.org', true],
]

for (const [account, name, free] of CASES) {
  test(`account ${account}: ${name} is ${free ? 'free' : 'taken'}`, () => {
    assert.equal(isDomainNameFree(name, account, TAKEN), free)
  })
}
