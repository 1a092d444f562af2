import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openInstallationKey, Sealer } from './installation-key.ts'

const PLACE = { purpose: 'client-secret', of: 'abc' } as const

test('what is sealed opens with its key and in its place, and nowhere else', () => {
  const sealer = new Sealer(randomBytes(32))
  const sealed = sealer.seal(PLACE, 'secret')
  assert.equal(sealer.open(PLACE, sealed)?.toString(), 'secret')
  assert.notEqual(sealer.seal(PLACE, 'secret'), sealed)
  assert.equal(sealer.open({ ...PLACE, of: 'abd' }, sealed), undefined)
  assert.equal(sealer.open({ ...PLACE, purpose: 'totp-secret' }, sealed), undefined)
  assert.equal(new Sealer(randomBytes(32)).open(PLACE, sealed), undefined)
  for (let i = 0; i < sealed.length; i++) {
    const flipped = sealed.slice(0, i) + (sealed[i] === 'A' ? 'B' : 'A') + sealed.slice(i + 1)
    const opened = sealer.open(PLACE, flipped)
    assert.ok(
      opened === undefined ||
        Buffer.from(flipped, 'base64url').equals(Buffer.from(sealed, 'base64url')),
    )
  }
  for (const text of ['', 'x', '*'.repeat(60), 'A'.repeat(10_000)]) {
    assert.equal(sealer.open(PLACE, text), undefined)
  }
})

test('a MAC belongs to its text and its place', () => {
  const sealer = new Sealer(randomBytes(32))
  const place = { purpose: 'code', of: 'pool sign-up ada' } as const
  const mac = sealer.mac(place, '123456').toString('base64url')
  assert.ok(sealer.macEquals(place, '123456', mac))
  for (const text of ['123457', '', '1234567']) assert.ok(!sealer.macEquals(place, text, mac))
  assert.ok(!sealer.macEquals({ ...place, of: 'pool sign-up eve' }, '123456', mac))
  assert.ok(!sealer.macEquals(place, '123456', ''))
})

test('the file is made once, for its owner; a missing or a broken one is no reason for a new one', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-key-'))
  t.after(() => rmSync(folder, { recursive: true }))
  await assert.rejects(openInstallationKey(folder, false), /is missing/)
  const [one, other] = await Promise.all([
    openInstallationKey(folder, true),
    openInstallationKey(folder, true),
  ])
  assert.equal(other.open(PLACE, one.seal(PLACE, 'x'))?.toString(), 'x')
  const file = join(folder, 'installation.key')
  assert.equal(statSync(file).mode & 0o777, 0o600)
  const again = await openInstallationKey(folder, false)
  assert.equal(again.open(PLACE, one.seal(PLACE, 'y'))?.toString(), 'y')
  chmodSync(file, 0o600)
  writeFileSync(file, 'not a key')
  await assert.rejects(openInstallationKey(folder, true), /holds no key/)
})
