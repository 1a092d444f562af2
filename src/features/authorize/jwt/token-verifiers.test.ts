import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeIssuer } from './issuer.fake.ts'
import { TokenVerifiers } from './token-verifiers.ts'

function made() {
  const issuer = new FakeIssuer()
  return new TokenVerifiers({ clock: issuer, ...issuer })
}
const SHOP = { issuer: 'https://a.example', audience: ['shop'] }

test('the same issuer and audience, the same verifier; the same issuer, the same keys', () => {
  const verifiers = made()
  const shop = verifiers.verifierFor(SHOP)
  assert.equal(verifiers.verifierFor({ ...SHOP }), shop)
  const two = verifiers.verifierFor({ ...SHOP, audience: ['till', 'shop'] })
  assert.equal(verifiers.verifierFor({ ...SHOP, audience: ['shop', 'till'] }), two)
  assert.notEqual(two, shop)
  assert.equal(two.keys, shop.keys)
})

test('other names are other verifiers, whatever characters they have', () => {
  const verifiers = made()
  const all = [
    SHOP,
    { ...SHOP, issuer: 'https://a.example/' },
    { ...SHOP, audience: ['shop', 'till'] },
    { ...SHOP, audience: ['shop,till'] },
    { ...SHOP, audience: ['shop","till'] },
  ].map((each) => verifiers.verifierFor(each))
  assert.equal(new Set(all).size, all.length)
  assert.equal(new Set(all.map(({ keys }) => keys)).size, 2)
})

test('what nobody uses is forgotten, with its keys', () => {
  const verifiers = made()
  const [shop, till] = [SHOP, { ...SHOP, audience: ['till'] }].map((each) =>
    verifiers.verifierFor(each),
  )
  verifiers.retain((verifier) => verifier === till)
  assert.equal(verifiers.verifierFor({ ...SHOP, audience: ['till'] }), till)
  const anew = verifiers.verifierFor(SHOP)
  assert.notEqual(anew, shop)
  assert.equal(anew.keys, till!.keys)
  verifiers.retain(() => false)
  assert.notEqual(verifiers.verifierFor(SHOP).keys, till!.keys)
})
