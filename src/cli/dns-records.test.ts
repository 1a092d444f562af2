import assert from 'node:assert/strict'
import test from 'node:test'
import { checkRecords, type DnsState, recordsFor, stateText } from './dns-records.ts'

const ZONE: Readonly<Record<string, readonly string[]>> = {
  'api.example.com': ['203.0.113.7', '2001:db8:0::7'],
  'old.example.com': ['198.51.100.1'],
  'both.example.com': ['203.0.113.7', '198.51.100.1'],
  'postern-check.example.com': ['203.0.113.7'],
  'gateway.example.net': ['203.0.113.7', '2001:db8::7'],
}

async function lookUp(name: string): Promise<readonly string[]> {
  if (name === 'slow.example.com') throw new Error('queryA ETIMEOUT slow.example.com')
  return ZONE[name] ?? []
}

const PLACES = ['203.0.113.7', '2001:db8::7']
const CASES: readonly (readonly [name: string, places: readonly string[], state: DnsState])[] = [
  ['api.example.com', PLACES, { state: 'ok' }],
  ['api.example.com', ['gateway.example.net'], { state: 'ok' }],
  ['*.example.com', PLACES, { state: 'ok' }],
  ['new.example.com', PLACES, { state: 'missing' }],
  ['old.example.com', PLACES, { state: 'elsewhere', addresses: ['198.51.100.1'] }],
  ['both.example.com', PLACES, { state: 'elsewhere', addresses: ['198.51.100.1'] }],
  ['slow.example.com', PLACES, { state: 'unknown', why: 'queryA ETIMEOUT slow.example.com' }],
  ['api.shop.localhost', PLACES, { state: 'local' }],
]

for (const [name, places, state] of CASES) {
  test(`${name} at ${places.join(', ')}: ${stateText(state)}`, async () => {
    assert.deepEqual(await checkRecords(name, places, lookUp), state)
  })
}

test('records are addresses, or the name of the gateway; local names need none', () => {
  assert.deepEqual(recordsFor('api.example.com', PLACES), [
    { name: 'api.example.com', type: 'A', value: '203.0.113.7' },
    { name: 'api.example.com', type: 'AAAA', value: '2001:db8::7' },
  ])
  assert.deepEqual(recordsFor('*.example.com', ['gateway.example.net']), [
    { name: '*.example.com', type: 'CNAME', value: 'gateway.example.net' },
  ])
  assert.deepEqual(recordsFor('api.example.localhost', PLACES), [])
})
