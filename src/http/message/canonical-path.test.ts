import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { canonicalPath } from './canonical-path.ts'

const REFUSED = ''

const CASES: readonly (readonly [sent: string, canonical: string])[] = [
  ['/', '/'],
  ['/a/b', '/a/b'],
  ['/a/b/', '/a/b/'],
  ['/.well-known/x', '/.well-known/x'],
  ['/...', '/...'],
  ['/a.b/..c', '/a.b/..c'],
  ['//', '/'],
  ['//a///b//', '/a/b/'],
  ['/%61%2D%7e', '/a-~'],
  ['/a%20b', '/a%20b'],
  ['/%c3%a9', '/%C3%A9'],
  ['/a%3ab%3B', '/a%3Ab%3B'],
  ['/a%252f', '/a%252f'],
  ['/a;x=y', '/a;x=y'],
  ['/a/./b', REFUSED],
  ['/a/../b', REFUSED],
  ['/..', REFUSED],
  ['/a/.', REFUSED],
  ['/%2e%2e/b', REFUSED],
  ['/.%2E/b', REFUSED],
  ['/..;/b', REFUSED],
  ['/..;foo=bar/b', REFUSED],
  ['/..%3Bfoo/b', REFUSED],
  ['/%2e%2e%3b', REFUSED],
  ['/;x', REFUSED],
  ['/a%2fb', REFUSED],
  ['/a%2Fb', REFUSED],
  ['/a%5cb', REFUSED],
  ['/a%00', REFUSED],
  ['/a%0d%0ab', REFUSED],
  ['/a%7f', REFUSED],
  ['/%c0%af', REFUSED],
  ['/%c0%ae%c0%ae', REFUSED],
  ['/%ff', REFUSED],
  ['/%ed%a0%80', REFUSED],
]

for (const [sent, canonical] of CASES) {
  test(`${sent} → ${canonical === REFUSED ? 'refused' : canonical}`, () => {
    assert.equal(canonicalPath(sent), canonical)
  })
}

test('canonical paths are their own canonical form, and hold no dot segment in any reading', () => {
  const piece = fc.constantFrom(
    '/',
    '.',
    '..',
    'a',
    '%2e',
    '%2f',
    '%5C',
    ';',
    '%3b',
    '%41',
    '%25',
    '%c3%a9',
    '~',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const canonical = canonicalPath(`/${pieces.join('')}`)
      if (canonical === REFUSED) return
      assert.equal(canonicalPath(canonical), canonical)
      assert.ok(!canonical.includes('//'))
      for (const segment of decodeURIComponent(canonical).split('/')) {
        const [name] = segment.split(';')
        assert.ok(name !== '.' && name !== '..', canonical)
      }
    }),
    { numRuns: 2_000 },
  )
})
