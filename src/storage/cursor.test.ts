import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Cursors } from './cursor.ts'
import { InvalidCursor } from './store.ts'

const POSITION_MAX = 2 ** 48 - 1
const scope = { accountId: '111111111111', region: 'eu-central-1' }
const list = { scope, kind: 'route', parent: 'a1' }
const cursors = new Cursors(Buffer.alloc(32, 1))

test('a cursor gives its position back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: POSITION_MAX }), (position) => {
      const cursor = cursors.encode(list, position)
      return /^[\w-]+$/.test(cursor) && cursors.decode(list, cursor) === position
    }),
  )
})

test('a cursor belongs to one list of one store', () => {
  const cursor = cursors.encode(list, 7)
  const others = [
    { ...list, kind: 'routea', parent: '1' },
    { ...list, parent: '' },
    { ...list, scope: { ...scope, region: '*' } },
    { ...list, scope: { ...scope, accountId: '*' } },
  ]
  for (const other of others) assert.throws(() => cursors.decode(other, cursor), InvalidCursor)
  const elsewhere = new Cursors(Buffer.alloc(32, 2))
  assert.throws(() => elsewhere.decode(list, cursor), InvalidCursor)
})

test('another spelling of the same bytes is no cursor', () => {
  const bytes = Buffer.from(cursors.encode(list, 7), 'base64url')
  const spellings = [
    bytes.toString('base64'),
    bytes.toString('hex'),
    `${bytes.toString('base64url')}\n`,
  ]
  for (const spelling of spellings) {
    assert.throws(() => cursors.decode(list, spelling), InvalidCursor, spelling)
  }
})

test('what nobody has made is no cursor', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^[\w-]{31}$/)),
      (text) => {
        assert.throws(() => cursors.decode(list, text), InvalidCursor)
      },
    ),
  )
})
