import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UploadReader } from './upload-sink.ts'

const FIXED = 'POST /upload HTTP/1.1\r\nContent-Length: 10\r\n\r\nxxxxxxxxxx'
const CHUNKED = 'POST /upload HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nxxxx\r\n0\r\n\r\n'
const EMPTY = 'POST /upload HTTP/1.1\r\nHost: a\r\n\r\n'

describe('upload sink', () => {
  for (const [name, request] of Object.entries({ FIXED, CHUNKED, EMPTY })) {
    it(`ends a ${name.toLowerCase()} body with its last byte, split anywhere, again and again`, () => {
      const reader = new UploadReader()
      for (let split = 1; split < request.length; split++) {
        assert.equal(reader.read(Buffer.from(request.slice(0, split))), false)
        assert.equal(reader.read(Buffer.from(request.slice(split))), true)
      }
    })
  }

  it('ends a body that comes byte by byte only at the end', () => {
    const reader = new UploadReader()
    const ends = [...CHUNKED].map((byte) => reader.read(Buffer.from(byte)))
    assert.equal(ends.indexOf(true), CHUNKED.length - 1)
  })

  it('refuses more bytes than announced, and a head without end', () => {
    assert.throws(() => new UploadReader().read(Buffer.from(`${FIXED}y`)), /more bytes/)
    assert.throws(() => new UploadReader().read(Buffer.alloc(20_000, 'x')), /does not end/)
  })
})
