import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseH2load, parseSessions, parseWrk } from './tool-output.ts'

const wrkLine = (failed: number, refused: number, requests = 8_000): string =>
  `Running 4s test\nRESULT {"requests":${requests},"bytes":2400000,"micros":4000000,"failed":${failed},"refused":${refused}}\n`

const h2loadText = (succeeded: number, failed: number, serverErrors: number): string => `
finished in 4.00s, 500.00 req/s, 1.00MB/s
requests: ${succeeded} total, ${succeeded} started, ${succeeded} done, ${succeeded} succeeded, ${failed} failed, 0 errored, 0 timeout
status codes: ${succeeded} 2xx, 0 3xx, 0 4xx, ${serverErrors} 5xx
traffic: 1.10MB (1153434) total, 20.00KB (20480) headers (space savings 80.00%), 1.00MB (1048576) data
`

describe('wrk output', () => {
  it('gives requests, bytes and seconds', () => {
    assert.deepEqual(parseWrk(wrkLine(0, 0)), { requests: 8_000, bytes: 2_400_000, seconds: 4 })
  })

  for (const [what, output] of [
    ['a failed connection', wrkLine(1, 0)],
    ['an error status', wrkLine(0, 1)],
    ['no answer at all', wrkLine(0, 0, 0)],
    ['no result line', 'unable to connect'],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => parseWrk(output), /wrk/)
    })
  }
})

describe('h2load output', () => {
  it('gives requests and bytes', () => {
    const load = parseH2load(h2loadText(2_000, 0, 0), 4)
    assert.deepEqual(load, { requests: 2_000, bytes: 1_153_434, seconds: 4 })
  })

  for (const [what, output] of [
    ['a failed request', h2loadText(2_000, 1, 0)],
    ['a 5xx status', h2loadText(2_000, 0, 1)],
    ['no answer at all', h2loadText(0, 0, 0)],
    ['no result', 'could not resolve'],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => parseH2load(output, 4), /h2load/)
    })
  }
})

describe('s_time output', () => {
  const line = (count: string) =>
    `${count} connections in 3 real seconds, 0 bytes read per connection\n`

  it('gives connections', () => {
    const load = { requests: 2_342, seconds: 3, bytes: 0 }
    assert.deepEqual(parseSessions(`Collecting connection statistics\n${line('2342')}`, 3), load)
  })

  it('refuses none, and no result', () => {
    assert.throws(() => parseSessions(line('0'), 3), /s_time/)
    assert.throws(() => parseSessions('connect: Connection refused', 3), /Connection refused/)
  })
})
