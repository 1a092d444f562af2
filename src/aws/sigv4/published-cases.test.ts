import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type PlainRequest,
  presignOfficially,
  SUITE_KEY,
  SUITE_MS,
  SUITE_SCOPE,
  signOfficially,
  suiteOptions,
} from './official-signer.fake.ts'
import { verifySignature } from './sigv4.ts'

const HOST = ['Host', 'example.amazonaws.com'] as const
const VERIFIED = {
  kind: 'verified',
  accessKeyId: SUITE_KEY.accessKeyId,
  ...SUITE_SCOPE,
  signedAt: new Date(SUITE_MS),
}

/** The requests of AWS's signing test suite; those with paths that are not normal stand in the adversarial test. */
const SUITE: Readonly<Record<string, PlainRequest>> = {
  'get-vanilla': { method: 'GET', path: '/' },
  'get-vanilla-query': { method: 'GET', path: '/', query: {} },
  'get-vanilla-empty-query-key': { method: 'GET', path: '/', query: { Param1: '' } },
  'get-vanilla-query-order-encoded': {
    method: 'GET',
    path: '/',
    query: { 'Param-3': 'Value3', Param: 'Value2', ሴ: 'Value1' },
  },
  'get-vanilla-query-order-key': {
    method: 'GET',
    path: '/',
    query: { Param1: ['value2', 'Value1'] },
  },
  'get-vanilla-query-order-key-case': {
    method: 'GET',
    path: '/',
    query: { Param2: 'value2', Param1: 'value1' },
  },
  'get-vanilla-query-order-value': {
    method: 'GET',
    path: '/',
    query: { Param1: ['value2', 'value1'] },
  },
  'get-vanilla-query-unreserved': {
    method: 'GET',
    path: '/',
    query: { '-._~0123456789ABCxyz': '-._~0123456789ABCxyz' },
  },
  'get-vanilla-utf8-query': { method: 'GET', path: '/', query: { ሴ: 'bar' } },
  'get-unreserved': { method: 'GET', path: '/-._~0123456789ABCxyz' },
  'get-utf8': { method: 'GET', path: '/%E1%88%B4' },
  'get-space': { method: 'GET', path: '/example%20space/' },
  'double-encode-path': { method: 'GET', path: '/a%252Fb/arn%3Aaws%3As3%3A%3A%3Abucket' },
  'get-header-key-duplicate': {
    method: 'GET',
    path: '/',
    headers: [HOST, ['My-Header1', 'value2'], ['My-Header1', 'value2'], ['my-header1', 'value1']],
  },
  'get-header-value-order': {
    method: 'GET',
    path: '/',
    headers: [HOST, ['My-Header1', 'value4'], ['My-Header1', 'value1'], ['My-Header1', 'value3']],
  },
  'get-header-value-trim': {
    method: 'GET',
    path: '/',
    headers: [HOST, ['My-Header1', ' value1'], ['My-Header2', ' "a   b   c" ']],
  },
  'post-header-key-case': { method: 'POST', path: '/', headers: [['hOST', HOST[1]]] },
  'post-header-key-sort': { method: 'POST', path: '/', headers: [HOST, ['My-Header1', 'value1']] },
  'post-header-value-case': {
    method: 'POST',
    path: '/',
    headers: [HOST, ['My-Header1', 'VALUE1']],
  },
  'post-vanilla': { method: 'POST', path: '/' },
  'post-vanilla-query': { method: 'POST', path: '/', query: { Param1: 'value1' } },
  'post-vanilla-empty-query-value': { method: 'POST', path: '/', query: { Param1: '' } },
  'post-x-www-form-urlencoded': {
    method: 'POST',
    path: '/',
    headers: [HOST, ['Content-Type', 'application/x-www-form-urlencoded']],
    body: 'Param1=value1',
  },
  'post-x-www-form-urlencoded-parameters': {
    method: 'POST',
    path: '/',
    headers: [HOST, ['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8']],
    body: 'Param1=value1',
  },
}

for (const [name, plain] of Object.entries(SUITE)) {
  test(`the suite's ${name} is verified in both forms`, async () => {
    for (const checksum of [false, true]) {
      const signed = await signOfficially(plain, { checksum })
      assert.deepEqual(verifySignature(signed, suiteOptions()), VERIFIED)
    }
    const presigned = await presignOfficially(plain, { expiresIn: 60 })
    assert.deepEqual(verifySignature(presigned, suiteOptions()), VERIFIED)
  })
}
