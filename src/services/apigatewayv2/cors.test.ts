import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cors } from '@aws-sdk/client-apigatewayv2'
import { checkedCors } from './cors.ts'

const RIGHT: readonly Cors[] = [
  {},
  { AllowOrigins: ['*'] },
  { AllowOrigins: ['https://*', 'http://localhost:3000', 'chrome-extension://abc'] },
  { AllowCredentials: true, AllowOrigins: ['https://shop.example'] },
  { AllowMethods: ['*'], AllowHeaders: ['*'], ExposeHeaders: ['x-total'], MaxAge: -1 },
  { MaxAge: 86_400 },
]

for (const cors of RIGHT) {
  test(`CORS takes ${JSON.stringify(cors)}`, () => {
    assert.deepEqual(checkedCors(cors), { AllowCredentials: false, ...cors })
  })
}

const WRONG: readonly [Cors, RegExp][] = [
  [
    { AllowOrigins: ['https://shop.example/'] },
    /allowOrigins: "https:\/\/shop.example\/" is not an origin/,
  ],
  [{ AllowOrigins: ['shop.example'] }, /is not an origin/],
  [{ AllowMethods: ['FETCH'] }, /allowMethods: "FETCH" is not a method/],
  [{ AllowHeaders: ['x y'] }, /allowHeaders/],
  [{ ExposeHeaders: ['x:y'] }, /exposeHeaders/],
  [{ MaxAge: -2 }, /maxAge/],
  [{ MaxAge: 86_401 }, /maxAge/],
  [
    { AllowCredentials: true, AllowOrigins: ['https://a.example', '*'] },
    /not supported for origin '\*'/,
  ],
]

for (const [cors, message] of WRONG) {
  test(`CORS refuses ${JSON.stringify(cors)}`, () => {
    assert.throws(() => checkedCors(cors), { code: 'BadRequestException', message })
  })
}
