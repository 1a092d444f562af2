import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { after, before, describe, test } from 'node:test'
import { createControlPort } from './control-port.ts'
import type { MainThreadPort } from './main-thread-port.ts'

let port = 0
let control: MainThreadPort
let isReady = false
const calls: string[] = []

before(async () => {
  control = createControlPort(
    { healthy: () => true, ready: () => isReady, metrics: () => 'up 1\n' },
    {
      unsigned: false,
      handle: async (request, response) => {
        calls.push(`${request.method} ${request.url}`)
        response.end('called')
      },
    },
  )
  port = await control.listen(0, '127.0.0.1')
})
after(() => control.close())

interface Asked {
  readonly path: string
  readonly method?: string
  readonly host?: string
}

function ask({ path, method = 'GET', host = 'localhost' }: Asked) {
  return new Promise<{ status: number; body: string; headers: http.IncomingHttpHeaders }>(
    (resolve, reject) => {
      const options = { port, host: '127.0.0.1', path, method, headers: { host }, agent: false }
      const request = http.request(options, (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          body += chunk
        })
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body, headers: response.headers }),
        )
      })
      request.on('error', reject)
      request.end()
    },
  )
}

describe('pages', () => {
  test('health, metrics and APIs answer', async () => {
    assert.deepEqual((await ask({ path: '/healthz' })).body, '{"status":"ok"}\n')
    const metrics = await ask({ path: '/metrics?x=1' })
    assert.equal(metrics.body, 'up 1\n')
    assert.equal(metrics.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  })

  test('readyz is 503 until the program is ready', async () => {
    assert.equal((await ask({ path: '/readyz' })).status, 503)
    isReady = true
    assert.equal((await ask({ path: '/readyz' })).status, 200)
  })

  test('a connection that is kept takes the next request', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const asked = async () => {
      const request = http.get({ port, host: '127.0.0.1', path: '/healthz', agent })
      const [response] = (await once(request, 'response')) as [http.IncomingMessage]
      await response.toArray()
      return request.reusedSocket
    }
    assert.deepEqual([await asked(), await asked()], [false, true])
    agent.destroy()
  })

  test('HEAD answers the head alone', async () => {
    const answer = await ask({ path: '/healthz', method: 'HEAD' })
    assert.equal(answer.status, 200)
    assert.equal(answer.body, '')
    assert.equal(answer.headers['content-length'], '16')
  })

  test('the list of pages says how to call the rest', async () => {
    const { status, body } = await ask({ path: '/' })
    assert.equal(status, 200)
    const { message, pages } = JSON.parse(body) as { message: string; pages: { path: string }[] }
    assert.match(message, /postern env/)
    assert.deepEqual(
      pages.map((page) => page.path),
      ['/', '/healthz', '/readyz', '/metrics'],
    )
  })

  for (const path of ['/v2/apis', '/nothing', '/healthz/', '/__proto__', '/constructor']) {
    test(`${path} is a call`, async () => {
      assert.equal((await ask({ path })).body, 'called')
      assert.equal(calls.at(-1), `GET ${path}`)
    })
  }

  test('so is a POST to /, where JSON 1.1 goes', async () => {
    assert.equal((await ask({ path: '/', method: 'POST' })).body, 'called')
  })

  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    test(`${method} is refused`, async () => {
      const { status, headers } = await ask({ path: '/healthz', method })
      assert.equal(status, 405)
      assert.equal(headers.allow, 'GET, HEAD')
    })
  }
})

describe('names', () => {
  const names = ['localhost:9080', 'x.localhost', '127.0.0.1', '[::1]:9080', '10.1.2.3:1', '[::1]']
  for (const host of names) {
    test(`answers to ${host}`, async () => {
      assert.equal((await ask({ path: '/healthz', host })).status, 200)
    })
  }
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.nip.io:9080', ':80']) {
    test(`calls need no name of ours: a signature covers "${host}"`, async () => {
      assert.equal((await ask({ path: '/v2/apis', host })).status, 200)
    })
    test(`refuses "${host}", which a web page could have made point here`, async () => {
      assert.equal((await ask({ path: '/healthz', host })).status, 421)
    })
  }
})
