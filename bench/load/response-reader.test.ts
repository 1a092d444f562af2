import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ResponseReader } from './response-reader.ts'

const RESPONSE = 'HTTP/1.1 200 OK\r\nX: y\r\ncontent-length: 5\r\n\r\nhello'

describe('response reader of the load generators', () => {
  it('ends a response at its Content-Length, split at any byte', () => {
    for (let split = 1; split < RESPONSE.length; split++) {
      const reader = new ResponseReader()
      assert.equal(reader.read(RESPONSE.slice(0, split)), 0)
      assert.equal(reader.read(RESPONSE.slice(split)), 200)
      assert.equal(reader.read(RESPONSE), 200)
    }
  })

  it('gives the status of a refusal', () => {
    const reader = new ResponseReader()
    assert.equal(reader.read('HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n'), 503)
  })

  it('refuses what it cannot frame', () => {
    assert.throws(
      () => new ResponseReader().read('HTTP/1.1 200 OK\r\n\r\n'),
      /without Content-Length/,
    )
    assert.throws(() => new ResponseReader().read(`${RESPONSE}!`), /more bytes/)
  })
})
