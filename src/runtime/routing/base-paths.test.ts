import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { BasePaths, beginsWith, endOfSegments } from './base-paths.ts'

/** The example of AWS's page on API mappings. */
const MAPPINGS = new BasePaths(
  new Map([
    ['', 'API1'],
    ['/orders/v1/items', 'API2'],
    ['/orders/v2/items', 'API3'],
    ['/orders/v2/items/categories', 'API4'],
  ]),
)

const CASES: readonly (readonly [path: string, api: string])[] = [
  ['/orders/v2/items/categories/5', 'API4'],
  ['/orders/v2/items/categories', 'API4'],
  ['/orders/v2/items/categoriesX', 'API3'],
  ['/orders/v2/items/', 'API3'],
  ['/orders/v1/items/123', 'API2'],
  ['/orders/v1/Items/123', 'API1'],
  ['/orders/v1', 'API1'],
  ['/orders', 'API1'],
  ['/customers', 'API1'],
  ['/', 'API1'],
  ['/orders/v1/items/a/b/c/d/e/f/g', 'API2'],
]

for (const [path, api] of CASES) {
  test(`${path} leads to ${api}`, () => assert.equal(MAPPINGS.find(path), api))
}

test('without an empty base path what begins with none leads nowhere', () => {
  const paths = new BasePaths(new Map([['/a', 1]]))
  assert.deepEqual(
    ['/a', '/a/b', '/ab', '/', '/b/a'].map((path) => paths.find(path)),
    [1, 1, undefined, undefined, undefined],
  )
  assert.equal(new BasePaths(new Map()).find('/'), undefined)
})

test('segments end at slashes', () => {
  const ends = [0, 1, 2, 3].map((count) => endOfSegments('/ab/c', count))
  assert.deepEqual(ends, [0, 3, 5, 5])
  assert.equal(endOfSegments('/', 1), 1)
})

const segment = fc.constantFrom('a', 'b', 'ab', 'A')
const path = fc.array(segment, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`)
const basePath = fc
  .array(segment, { maxLength: 4 })
  .map((parts) => parts.map((p) => `/${p}`).join(''))

test('any path gets what comparing it with every base path finds', () => {
  fc.assert(
    fc.property(fc.uniqueArray(basePath, { maxLength: 8 }), path, (all, asked) => {
      const paths = new BasePaths(new Map(all.map((each) => [each, each])))
      const [longest] = all
        .filter((each) => each === '' || beginsWith(asked, each))
        .sort((one, other) => other.length - one.length)
      assert.equal(paths.find(asked), longest)
    }),
  )
})
