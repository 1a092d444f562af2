import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bitString, encode, integer, objectId, sequence, time } from './der.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test('lengths: short, one byte, two bytes', () => {
  assert.equal(hex(encode(0x04, Buffer.alloc(1))).slice(0, 4), '0401')
  assert.equal(hex(encode(0x04, Buffer.alloc(127))).slice(0, 4), '047f')
  assert.equal(hex(encode(0x04, Buffer.alloc(128))).slice(0, 6), '048180')
  assert.equal(hex(encode(0x04, Buffer.alloc(300))).slice(0, 8), '0482012c')
})

test('integers are positive and minimal', () => {
  assert.equal(hex(integer(Buffer.from([0]))), '020100')
  assert.equal(hex(integer(Buffer.from([0, 0, 5]))), '020105')
  assert.equal(hex(integer(Buffer.from([0x80]))), '02020080')
})

test('object identifiers, with arcs beyond one byte', () => {
  assert.equal(hex(objectId('1.2.840.10045.4.3.2')), '06082a8648ce3d040302')
  assert.equal(hex(objectId('2.5.29.30')), '0603551d1e')
})

test('bit strings count their unused bits', () => {
  assert.equal(hex(bitString(Buffer.from([0x06]), 1)), '03020106')
})

test('times: two digits of the year until 2049, four from then on', () => {
  assert.equal(
    time(Date.UTC(2049, 11, 31, 23, 59, 59))
      .toString('latin1')
      .slice(2),
    '491231235959Z',
  )
  assert.equal(
    time(Date.UTC(2050, 0, 1))
      .toString('latin1')
      .slice(2),
    '20500101000000Z',
  )
})

test('sequences hold their values in order', () => {
  assert.equal(hex(sequence(integer(Buffer.from([1])), sequence())), '30050201013000')
})
