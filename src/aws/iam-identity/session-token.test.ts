import assert from 'node:assert/strict'
import test from 'node:test'
import { type SessionClaims, SessionSeal } from './session-token.ts'

const CLAIMS: SessionClaims = {
  key: 'ASPOEXAMPLE',
  account: '123456789012',
  id: 'AROAEXAMPLE',
  name: 'run',
  policy: '{"Statement":[]}',
  issuedMs: 1,
  expiresMs: 2,
}
const seal = new SessionSeal(Buffer.alloc(32, 1).toString('base64'))
const token = seal.seal(CLAIMS, Buffer.alloc(12, 9))

test('a token is read where it was sealed, and nowhere else', () => {
  assert.deepEqual(seal.open(token), CLAIMS)
  assert.equal(new SessionSeal(Buffer.alloc(32, 2).toString('base64')).open(token), undefined)
  assert.ok(!Buffer.from(token, 'base64').toString('latin1').includes('ASPOEXAMPLE'))
})

test('a token of which one bit was changed is none', () => {
  const bytes = Buffer.from(token, 'base64')
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes)
    changed[i]! ^= 1 << (i % 8)
    assert.equal(seal.open(changed.toString('base64')), undefined, `byte ${i}`)
  }
  for (const text of ['', 'AQ==', token.slice(0, 40), 'x'.repeat(10_000), token.slice(0, -8)]) {
    assert.equal(seal.open(text), undefined)
  }
})

test('secrets follow from the key id, and have the form of secrets', () => {
  assert.match(seal.secretOf('ASPOEXAMPLE'), /^[A-Za-z0-9+/]{40}$/)
  assert.equal(seal.secretOf('ASPOEXAMPLE'), seal.secretOf('ASPOEXAMPLE'))
  assert.notEqual(seal.secretOf('ASPOEXAMPLE'), seal.secretOf('ASPOOTHER'))
})
