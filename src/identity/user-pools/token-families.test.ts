import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UserPoolClientRecord, UserRecord } from './records.ts'
import { isOver, judgeSecret, newFamily, rotated, splitRefreshToken } from './token-families.ts'

const client = {
  ...{ ClientId: 'c', UserPoolId: 'r_p', RefreshTokenValidity: 2 },
  TokenValidityUnits: { RefreshToken: 'hours' },
} as UserPoolClientRecord
const user = { username: 'ada', attributes: { sub: 's' } } as Partial<UserRecord> as UserRecord
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000)
const secretOf = (token: string) => splitRefreshToken(token)!.secret

test('a secret is good until it is replaced and the grace is over; then whoever shows it has it from somewhere', () => {
  const first = newFamily({ client, user, now: at(0) })
  const second = rotated(first.family, { now: at(10), graceSeconds: 5 })
  const third = rotated(second.family, { now: at(20), graceSeconds: 5 })
  const judge = (family = third.family, token = first.refreshToken, seconds = 21) =>
    judgeSecret(family, secretOf(token), at(seconds))
  assert.equal(judge(second.family, first.refreshToken, 14), 'good')
  assert.equal(judge(second.family, first.refreshToken, 15), 'reused')
  assert.equal(judge(third.family, second.refreshToken, 21), 'good')
  assert.equal(judge(third.family, first.refreshToken, 21), 'reused')
  assert.equal(judge(third.family, third.refreshToken, 999), 'good')
  const stranger = newFamily({ client, user, now: at(0) })
  assert.equal(judge(third.family, stranger.refreshToken), 'unknown')
  assert.ok(!JSON.stringify(third.family).includes(secretOf(third.refreshToken)))
})

test('a family is over when its time is, or when it was revoked', () => {
  const { family } = newFamily({ client, user, now: at(0) })
  assert.deepEqual([isOver(family, at(7_199)), isOver(family, at(7_200))], [false, true])
  assert.ok(isOver({ ...family, revoked: true }, at(0)))
})

test('what is no refresh token', () => {
  for (const text of ['', 'a.b', 'x'.repeat(36), `${'-'.repeat(36)}.${'a'.repeat(44)}`]) {
    assert.equal(splitRefreshToken(text), undefined)
  }
})
