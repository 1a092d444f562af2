import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type EndpointSlice, targetsOf } from './endpoint-slices.ts'

const PORTS = [
  { name: 'metrics', port: 9090, protocol: 'TCP' },
  { name: 'http', port: 8080, protocol: 'TCP' },
  { name: 'quic', port: 8443, protocol: 'UDP' },
]

function slice(name: string, endpoints: EndpointSlice['endpoints']): EndpointSlice {
  return { metadata: { name }, endpoints: endpoints ?? null, ports: PORTS }
}

function shown(slices: EndpointSlice[], port: number | string): string[] {
  return targetsOf(slices, port).map(
    ({ host, port: number, draining }) => `${host}:${number}${draining ? ' draining' : ''}`,
  )
}

test('endpoints by their conditions', () => {
  const of = (address: string, conditions?: object) => ({ addresses: [address], conditions })
  const endpoints = [
    of('10.0.0.1'),
    of('10.0.0.2', { ready: true }),
    of('10.0.0.3', { ready: false }),
    of('10.0.0.4', { ready: false, serving: true, terminating: true }),
    of('10.0.0.5', { ready: false, serving: false, terminating: true }),
    of('10.0.0.6', { ready: null }),
    { addresses: [] },
  ]
  const expected = ['10.0.0.1:8080', '10.0.0.2:8080', '10.0.0.4:8080 draining', '10.0.0.6:8080']
  assert.deepEqual(shown([slice('a', endpoints as never)], 'http'), expected)
  assert.deepEqual(shown([slice('a', endpoints as never)], 8080), expected)
})

test('several slices; ready in one of them is ready', () => {
  const going = { ready: false, serving: true, terminating: true }
  const slices = [
    slice('a', [{ addresses: ['10.0.0.1'], zone: 'z1' }]),
    slice('b', [{ addresses: ['10.0.0.1'], conditions: going }, { addresses: ['10.0.0.2'] }]),
  ]
  for (const order of [slices, slices.toReversed()]) {
    assert.deepEqual(shown(order, 'http'), ['10.0.0.1:8080', '10.0.0.2:8080'])
  }
  assert.equal(targetsOf(slices, 'http')[0]!.availabilityZone, 'z1')
})

test('a port that is not there, or not of TCP, gives no targets', () => {
  const one = slice('a', [{ addresses: ['10.0.0.1'] }])
  for (const port of ['quic', 8443, 'none', 1]) assert.deepEqual(shown([one], port), [])
  assert.deepEqual(shown([{ metadata: { name: 'a' }, endpoints: null, ports: null }], 'http'), [])
})
