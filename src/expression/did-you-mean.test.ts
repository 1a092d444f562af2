import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearestName } from './did-you-mean.ts'

const NAMES = ['requestId', 'requestTime', 'requestTimeEpoch', 'status', 'identity.sourceIp']

const CASES: [written: string, meant: string | undefined][] = [
  ['requestID', 'requestId'],
  ['reqestId', 'requestId'],
  ['requestTimeEpcoh', 'requestTimeEpoch'],
  ['identity.sourceIP', 'identity.sourceIp'],
  ['stauts', 'status'],
  ['colour', undefined],
  ['', undefined],
]

for (const [written, meant] of CASES) {
  test(`"${written}" suggests ${meant}`, () => assert.equal(nearestName(written, NAMES), meant))
}

test('a very long name costs no more than its beginning', () => {
  assert.equal(nearestName(`status${'x'.repeat(1_000_000)}`, NAMES), undefined)
})
