import assert from 'node:assert/strict'
import test from 'node:test'
import { HeaderFields } from '../http/message/header-fields.ts'
import { HOP } from '../http/message/known-headers.ts'
import { type AppliedRule, applyHeaderRules, serializeMapped } from './mapped-headers.ts'

function fieldsOf(...lines: (readonly [string, string])[]): HeaderFields {
  const fields = new HeaderFields(16)
  for (const [name, value] of lines) fields.append(name, value)
  return fields
}

function map(fields: HeaderFields, ...rules: AppliedRule[]): string | undefined {
  const mapped = applyHeaderRules(rules, (name) => fields.get(name))
  return mapped === undefined ? undefined : serializeMapped(fields, HOP, mapped)
}

const FIELDS = fieldsOf(['X-A', '1'], ['x-a', '2'], ['Connection', 'close'], ['B', '3'])

test('without mapping, only dropped fields are missing', () => {
  assert.equal(serializeMapped(FIELDS, HOP, undefined), 'X-A: 1\r\nx-a: 2\r\nB: 3\r\n')
})

test('append joins what is there, or begins', () => {
  assert.equal(map(FIELDS, { op: 'append', name: 'x-a', value: '9' }), 'B: 3\r\nx-a: 1,2,9\r\n')
  assert.equal(map(fieldsOf(), { op: 'append', name: 'n', value: '9' }), 'n: 9\r\n')
})

test('overwrite takes every field of the name', () => {
  assert.equal(map(FIELDS, { op: 'overwrite', name: 'x-a', value: '' }), 'B: 3\r\nx-a: \r\n')
})

test('append adds a cookie and joins none', () => {
  const cookies = fieldsOf(['Set-Cookie', 'a=1, 2'], ['set-cookie', 'b=2'])
  const rule: AppliedRule = { op: 'append', name: 'set-cookie', value: 'c=3' }
  assert.equal(map(cookies, rule), 'Set-Cookie: a=1, 2\r\nset-cookie: b=2\r\nset-cookie: c=3\r\n')
  const overwrite: AppliedRule = { op: 'overwrite', name: 'set-cookie', value: 'd=4' }
  const lines = map(cookies, overwrite, rule)!.split('\r\n').sort()
  assert.deepEqual(lines, ['', 'set-cookie: c=3', 'set-cookie: d=4'])
})

test('a host is handed over by itself', () => {
  const rule: AppliedRule = { op: 'overwrite', name: 'host', value: 'tenant.test:81' }
  const mapped = applyHeaderRules([rule], () => 'a')!
  assert.deepEqual([mapped.dropped.has('host'), mapped.added], [true, ''])
  assert.equal(mapped.host, 'tenant.test:81')
  assert.equal(
    applyHeaderRules([{ ...rule, value: 'a b' }], () => 'a'),
    undefined,
  )
})

test('remove, then append begins anew', () => {
  assert.equal(map(FIELDS, { op: 'remove', name: 'x-a', value: '' }), 'B: 3\r\n')
  assert.equal(
    map(
      FIELDS,
      { op: 'remove', name: 'x-a', value: '' },
      { op: 'append', name: 'x-a', value: '9' },
    ),
    'B: 3\r\nx-a: 9\r\n',
  )
})

for (const value of ['a\r\nX: y', 'a\nb', 'a\rb', 'a\0b', '\u20ac']) {
  test(`${JSON.stringify(value)} never becomes a field`, () => {
    assert.equal(map(FIELDS, { op: 'overwrite', name: 'x-a', value }), undefined)
  })
}
