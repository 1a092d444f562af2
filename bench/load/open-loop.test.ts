import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { OpenLoop, Schedule } from './open-loop.ts'

const BASE = { path: '/', ratePerSecond: 200, warmupSeconds: 0.1, seconds: 0.2, connections: 4 }

describe('open-loop schedule', () => {
  it('spaces requests evenly from its start, the warm-up first', () => {
    const schedule = new Schedule({ ...BASE, port: 1 }, 1_000)
    assert.deepEqual([schedule.warmup, schedule.total], [20, 60])
    assert.deepEqual(
      [schedule.dueAt(0), schedule.dueAt(1), schedule.dueAt(20)],
      [1_000, 1_005, 1_100],
    )
  })
})

describe('open-loop load', () => {
  let server: net.Server
  let answer = ''
  let port = 0

  before(async () => {
    server = net.createServer((socket) => {
      socket.on('error', () => socket.destroy())
      socket.on('data', () => socket.write(answer))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    port = (server.address() as AddressInfo).port
  })
  after(() => server.close())

  it('answers for every measured request, percentiles in order', async () => {
    answer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
    const options = { ...BASE, port }
    const result = await new OpenLoop(options).run(options)
    assert.equal(result.requests, 40)
    assert.ok(0 < result.p50 && result.p50 <= result.p99 && result.p99 <= result.p999)
    assert.ok(result.p999 <= result.max)
  })

  it('sends the tokens of a file in turn', async (t) => {
    answer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
    const folder = mkdtempSync(join(tmpdir(), 'postern-bench-test-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const tokensFile = join(folder, 'tokens.txt')
    writeFileSync(tokensFile, 'one\ntwo\n')
    const seen: string[] = []
    const hear = (socket: net.Socket) => socket.on('data', (bytes) => seen.push(String(bytes)))
    server.on('connection', hear)
    const options = { ...BASE, port, tokensFile }
    await new OpenLoop(options).run(options)
    server.off('connection', hear)
    for (const token of ['one', 'two']) {
      const count = seen.filter((head) => head.includes(`Authorization: Bearer ${token}\r\n\r\n`))
      assert.equal(count.length, 30)
    }
  })

  it('fails when one answer is an error', async () => {
    answer = 'HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n'
    const options = { ...BASE, port }
    await assert.rejects(new OpenLoop(options).run(options), /status 503/)
  })
})
