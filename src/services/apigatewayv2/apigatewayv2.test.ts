import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-apigatewayv2'
import { apiGatewayV2 } from './apigatewayv2.ts'
import { unsupportedOperations } from './unsupported.ts'

const MODEL = {
  name: 'apigatewayv2',
  signingName: 'apigateway',
  apiVersion: '2018-11-29',
  protocol: 'rest-json',
  operations: {},
  shapes: {},
} as const
const NAMES = Object.keys(sdk)
  .filter((name) => /^[A-Z].*Command$/.test(name) && name !== '$Command')
  .map((name) => name.slice(0, -'Command'.length))
  .sort()

test('every operation of the official client is there, and no other', () => {
  const { operations } = apiGatewayV2(MODEL)
  assert.equal(NAMES.length, 103)
  assert.deepEqual(Object.keys(operations).sort(), NAMES)
})

test('an operation is either built or unsupported, and what only reads is no write', () => {
  const { operations } = apiGatewayV2(MODEL)
  for (const [name, { kind }] of Object.entries(operations)) {
    if (Object.hasOwn(unsupportedOperations, name)) assert.equal(kind, 'unsupported', name)
    else assert.equal(kind === 'read', /^(?:Get|List|Export)/.test(name), name)
  }
})

test('what is not built belongs to a feature that is named', () => {
  const features = Object.values(unsupportedOperations).map(({ feature }) => feature)
  assert.deepEqual([...new Set(features)], ['WebSocket APIs', 'developer portals'])
})
