import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mergeEntries, mergePatch, withoutUndefined } from './merge-patch.ts'

interface Thing {
  name?: string
  count?: number
  list?: string[]
}

const CASES: readonly [Thing, Parameters<typeof mergePatch<Thing>>[1], Thing][] = [
  [{ name: 'a', count: 1 }, {}, { name: 'a', count: 1 }],
  [{ name: 'a', count: 1 }, { name: undefined }, { name: 'a', count: 1 }],
  [{ name: 'a', count: 1 }, { name: 'b' }, { name: 'b', count: 1 }],
  [{ name: 'a', count: 1 }, { name: '' }, { count: 1 }],
  [{ count: 1 }, { count: 0, list: [] }, { count: 0, list: [] }],
]

for (const [current, patch, merged] of CASES) {
  test(`${JSON.stringify(current)} patched with ${JSON.stringify(patch)}`, () => {
    const before = structuredClone(current)
    assert.deepEqual(mergePatch(current, patch), merged)
    assert.deepEqual(current, before)
  })
}

test('entries are put in, replaced and taken away one by one', () => {
  assert.deepEqual(mergeEntries({ a: '1', b: '2' }, { b: '', c: '3' }), { a: '1', c: '3' })
  assert.deepEqual(mergeEntries({ a: { x: '1' } }, { a: { y: '2' } }), { a: { y: '2' } })
  assert.equal(mergeEntries({ a: '1' }, { a: '' }), undefined)
  assert.equal(mergeEntries(undefined, undefined), undefined)
})

const map = fc.dictionary(fc.string(), fc.string({ minLength: 1 }))

test('every entry is the one of the patch where it has one, else the one before', () => {
  fc.assert(
    fc.property(map, fc.dictionary(fc.string(), fc.string()), (current, patch) => {
      const merged = mergeEntries(current, patch) ?? {}
      const names = new Set([...Object.keys(current), ...Object.keys(patch)])
      for (const name of names) {
        const said = Object.hasOwn(patch, name) ? patch[name] : current[name]
        assert.equal(Object.hasOwn(merged, name) ? merged[name] : '', said)
      }
      assert.ok(Object.keys(merged).every((name) => names.has(name)))
    }),
  )
})

test('members that are undefined are not there', () => {
  assert.deepEqual(Object.keys(withoutUndefined({ a: undefined, b: 0, c: '' })), ['b', 'c'])
})
