import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { forged, Issuer, TOKEN_CHARACTERS } from './issuer.ts'

describe('the issuer of the reference request', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-test-'))
  let issuer: Issuer

  before(async () => {
    issuer = await Issuer.start(folder)
  })
  after(() => {
    issuer.stop()
    rmSync(folder, { recursive: true })
  })

  function isSigned(token: string): boolean {
    const [header, claims, signature = ''] = token.split('.')
    const key = createPublicKey(readFileSync(issuer.publicKeyPath))
    const bytes = Buffer.from(signature, 'base64url')
    return verify('sha256', Buffer.from(`${header}.${claims}`), key, bytes)
  }

  it('signs tokens of the same length, whoever they are for, and a forged one is none', () => {
    for (const client of ['a', 'client-77']) {
      const token = issuer.token(client)
      assert.ok(Math.abs(token.length - TOKEN_CHARACTERS) <= 2, `${token.length} characters`)
      assert.equal(isSigned(token), true)
      assert.equal(isSigned(forged(token)), false)
    }
  })

  it('publishes the key that its tokens name', async () => {
    const discovery = await fetchObject(`${issuer.url}/.well-known/openid-configuration`)
    assert.equal(discovery['issuer'], issuer.url)
    const { keys } = await fetchObject(String(discovery['jwks_uri']))
    assert.ok(Array.isArray(keys))
    const key = createPublicKey({ key: keys[0], format: 'jwk' })
    const published = key.export({ type: 'spki', format: 'pem' })
    assert.equal(published, readFileSync(issuer.publicKeyPath, 'utf8'))
  })
})

async function fetchObject(url: string): Promise<Record<string, unknown>> {
  return (await fetch(url)).json() as Promise<Record<string, unknown>>
}
