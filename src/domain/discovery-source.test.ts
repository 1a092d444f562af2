import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDiscoverySource } from './discovery-source.ts'

test('a source is read from its text', () => {
  const rows = {
    'dns:A:shop.internal:8080': { kind: 'dns', type: 'A', name: 'shop.internal', port: 8080 },
    'dns:AAAA:shop:1': { kind: 'dns', type: 'AAAA', name: 'shop', port: 1 },
    'dns:SRV:_http._tcp.shop.example.': {
      kind: 'dns',
      type: 'SRV',
      name: '_http._tcp.shop.example.',
    },
    'kubernetes:prod/shop:8080': {
      kind: 'kubernetes',
      namespace: 'prod',
      service: 'shop',
      port: 8080,
    },
    'kubernetes:prod/shop:http': {
      kind: 'kubernetes',
      namespace: 'prod',
      service: 'shop',
      port: 'http',
    },
  }
  for (const [text, source] of Object.entries(rows)) {
    assert.deepEqual(parseDiscoverySource(text), source, text)
  }
})

test('what is none is told', () => {
  const wrong = [
    '',
    'dns',
    'dns:MX:a',
    'dns:A:a',
    'dns:A:a:0',
    'dns:A:a:65536',
    'dns:A:a b:80',
    'dns:A:a:80:1',
    'dns:SRV:a:80',
    `dns:SRV:${'a'.repeat(64)}`,
    'kubernetes:shop:80',
    'kubernetes:prod/shop',
    'kubernetes:prod/shop/x:80',
    'kubernetes:../../secrets:80',
    'kubernetes:prod/Shop:80',
    'file:/etc/passwd',
  ]
  for (const text of wrong) assert.equal(typeof parseDiscoverySource(text), 'string', text)
})
