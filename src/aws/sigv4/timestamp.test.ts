import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatTimestamp, parseHttpDate, parseTimestamp } from './timestamp.ts'

const SECONDS = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) / 1000 })

test('what is written is read again', () => {
  fc.assert(
    fc.property(SECONDS, (seconds) => {
      assert.equal(parseTimestamp(formatTimestamp(seconds * 1000)), seconds * 1000)
      assert.equal(parseHttpDate(new Date(seconds * 1000).toUTCString()), seconds * 1000)
    }),
  )
  assert.equal(formatTimestamp(Date.UTC(2015, 7, 30, 12, 36, 0, 999)), '20150830T123600Z')
})

test('what is not exactly a time is none', () => {
  for (const text of [
    '',
    '20150830',
    '20150830T123600',
    '20150830T123600z',
    '20150830T123600Z ',
    '20150830T123600Z\n',
    '20150830T123600.000Z',
    '2015-08-30T12:36:00Z',
    '20150229T000000Z',
    '20150830T240000Z',
    '20150830T126000Z',
    '20150830T123660Z',
    '20151330T123600Z',
    '٢٠١٥٠٨٣٠T123600Z',
  ]) {
    assert.equal(parseTimestamp(text), undefined, text)
  }
  for (const text of [
    '',
    '0',
    '2015',
    '2015-08-30T12:36:00Z',
    'Mon, 30 Aug 2015 12:36:00 GMT',
    'Sun, 30 Aug 2015 12:36:00 +0000',
    'Sun, 30 Aug 2015 12:36 GMT',
    'Sunday, 30-Aug-15 12:36:00 GMT',
    'Sun Aug 30 12:36:00 2015',
  ]) {
    assert.equal(parseHttpDate(text), undefined, text)
  }
})
