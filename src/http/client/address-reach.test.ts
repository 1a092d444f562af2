import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isWithinReach } from './address-reach.ts'

const PUBLIC = ['8.8.8.8', '1.1.1.1', '172.15.255.255', '172.32.0.1', '100.128.0.1', '2606:4700::1']
const LOOPBACK = ['127.0.0.1', '127.255.255.255', '::1']
const OTHER = [
  '0.0.0.0',
  '10.0.0.1',
  '100.64.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::ffff:10.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::a9fe:a9fe',
  '2001:db8::1',
  '2002:a9fe:a9fe::',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'ff02::1',
]

for (const address of [...PUBLIC, ...LOOPBACK, ...OTHER]) {
  test(address, () => {
    assert.equal(isWithinReach(address, 'public'), PUBLIC.includes(address))
    assert.equal(isWithinReach(address, 'loopback'), LOOPBACK.includes(address))
    assert.equal(isWithinReach(address, 'any'), true)
  })
}

test('what is no address is nowhere', () => {
  for (const text of ['', 'localhost', '127.1', '0x7f.0.0.1', '127.0.0.1:80', '[::1]']) {
    for (const reach of ['any', 'public', 'loopback'] as const) {
      assert.equal(isWithinReach(text, reach), false, text)
    }
  }
})
