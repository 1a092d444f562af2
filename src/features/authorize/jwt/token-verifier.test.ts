import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FakeIssuer, settled } from './issuer.fake.ts'
import { testKey } from './token.fake.ts'

const TWO = testKey('ES256', 'ES256-2')

async function ready() {
  const issuer = new FakeIssuer()
  const keys = issuer.issuerKeys()
  const verifier = issuer.verifier(keys)
  assert.equal(verifier.verdictOf(issuer.token()), undefined, 'the keys have to be fetched')
  await settled()
  return { issuer, keys, verifier }
}

test('a good token has its claims, and is looked at once', async () => {
  const { issuer, verifier } = await ready()
  const token = issuer.token({ scope: 'a b' })
  const verdict = verifier.verdictOf(token)!
  assert.equal(verdict.reason, undefined)
  assert.equal(verdict.claims?.['sub'], 'jo')
  assert.deepEqual(verdict.scopes, ['a', 'b'])
  const again = verifier.verdictOf(`${token} `.trimEnd())
  assert.equal(again, verdict, 'the same object')
})

test('a kept verdict ends with its token, to the millisecond', async () => {
  const { issuer, verifier } = await ready()
  const token = issuer.token({ exp: issuer.nowMs / 1000 + 10 })
  verifier.verdictOf(token)
  issuer.nowMs += 9_999
  assert.equal(verifier.verdictOf(token)!.reason, undefined)
  issuer.nowMs += 1
  assert.equal(verifier.verdictOf(token)!.reason, 'TOKEN_EXPIRED')
})

test('kept verdicts end when the keys change', async () => {
  const { issuer, keys, verifier } = await ready()
  const token = issuer.token({ exp: issuer.nowMs / 1000 + 86_400 })
  assert.equal(verifier.verdictOf(token)!.reason, undefined)
  issuer.keys = [TWO]
  issuer.nowMs += issuer.limits.issuerRetryMs
  keys.find('something else')
  await settled()
  assert.equal(verifier.verdictOf(token)!.reason, 'TOKEN_KEY_UNKNOWN')
})

test('no verdict is kept longer than keys are', async () => {
  const { issuer, verifier } = await ready()
  const token = issuer.token({ exp: issuer.nowMs / 1000 + 86_400 * 30 })
  verifier.verdictOf(token)
  issuer.keys = [TWO]
  issuer.nowMs += issuer.limits.issuerKeysMs
  assert.equal(verifier.verdictOf(token), undefined, 'the keys are fetched first')
  await settled()
  assert.equal(verifier.verdictOf(token)!.reason, 'TOKEN_KEY_UNKNOWN')
})

test('what can become good is looked at again', async () => {
  const { issuer, verifier } = await ready()
  const token = issuer.token({ nbf: issuer.nowMs / 1000 + 5 })
  assert.equal(verifier.verdictOf(token)!.reason, 'TOKEN_NOT_YET_VALID')
  issuer.nowMs += 5_000
  assert.equal(verifier.verdictOf(token)!.reason, undefined)
})

test('a flood of forgeries drives no good token out, and takes bounded room', async () => {
  const { issuer, verifier } = await ready()
  const token = issuer.token()
  const verdict = verifier.verdictOf(token)
  for (let i = 0; i < 2 * issuer.limits.forgedTokens; i++) {
    const claims = Buffer.from(JSON.stringify({ iss: issuer.url, aud: 'shop', exp: 4e9, i }))
    const [header] = token.split('.')
    const forged = `${header}.${claims.toString('base64url')}.${'A'.repeat(86)}`
    assert.equal(verifier.verdictOf(forged)!.reason, 'TOKEN_SIGNATURE_WRONG')
    assert.equal(verifier.verdictOf(forged)!.reason, 'TOKEN_SIGNATURE_WRONG')
  }
  assert.equal(verifier.verdictOf(token), verdict)
})

test('a verdict that is kept is the one that would be made anew', async () => {
  const { issuer, keys } = await ready()
  const now = issuer.nowMs / 1000
  const key = issuer.keys[0]!
  const tokens = [
    ...[5, 20, 60, 4_000].map((seconds) => issuer.token({ exp: now + seconds })),
    ...[3, 30].map((seconds) => issuer.token({ nbf: now + seconds, exp: now + 90 })),
    issuer.token({ aud: 'bank' }),
    issuer.token({ exp: now + 50 }, TWO, { kid: key.id }),
    issuer.token({}, TWO, { kid: key.id }),
    issuer.token({}, TWO),
    'a.b.c',
  ]
  const step = fc.tuple(fc.nat(tokens.length - 1), fc.constantFrom(0, 1, 999, 4_000, 30_000))
  const start = issuer.nowMs
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      issuer.nowMs = start
      const verifier = issuer.verifier(keys)
      for (const [which, ms] of steps) {
        issuer.nowMs += ms
        const kept = verifier.verdictOf(tokens[which]!)
        const anew = issuer.verifier(keys).verdictOf(tokens[which]!)
        assert.equal(kept?.reason, anew?.reason)
        assert.deepEqual(kept?.claims, anew?.claims)
      }
    }),
    { numRuns: 100 },
  )
})
