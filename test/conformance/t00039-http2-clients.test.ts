/** HTTP/2 with clients that other people wrote: Chromium and curl. (nghttp2 stands behind `node:http2` in all other tests.) */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import type { Exchange } from '../../src/http/exchange.ts'
import { startFakeTlsServer } from '../../src/http/server/tls-server.fake.ts'
import { openPage } from '../harness/browser.ts'

const run = promisify(execFile)
const SENT = 'upload '.repeat(100_000)

/** Answers with the body, or with a page. */
function echo(exchange: Exchange): void {
  if (exchange.request.method !== 'POST') {
    const type = 'content-type: text/html\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n'
    exchange.respond(200, type, `<title>${exchange.request.path}</title>`)
    return
  }
  exchange.listener = { onDrain: () => exchange.resumeBody(), onClientGone: () => {} }
  exchange.receiveBody({
    onData: (chunk) => {
      if (!exchange.writeBody(chunk)) exchange.pauseBody()
    },
    onEnd: () => exchange.endResponse(),
    onBodyError: () => exchange.abort(),
  })
  exchange.startResponse(200, 'content-type: text/plain\r\n', -1)
}

/** `PerformanceResourceTiming`, as the browser has it. */
interface HopEntry {
  readonly nextHopProtocol: string
}

async function start(t: TestContext) {
  const server = await startFakeTlsServer({ handle: echo })
  t.after(() => server.close())
  return { server, address: `https://localhost:${server.port}` }
}

test('t00039 Chromium: many requests at once, cookies, and bodies both ways', async (t) => {
  const { server, address } = await start(t)
  const { page } = await openPage(t, { ignoreHTTPSErrors: true })
  await page.goto(`${address}/first`)
  assert.equal(await page.title(), '/first')
  const seen = await page.evaluate(async (text) => {
    const small = Array.from({ length: 60 }, async (_, i) => (await fetch(`/page/${i}`)).text())
    const large = Array.from({ length: 4 }, async () =>
      (await fetch('/echo', { method: 'POST', body: text })).text(),
    )
    const texts = await Promise.all(small)
    const echoes = await Promise.all(large)
    const hops = performance.getEntriesByType('resource') as unknown as HopEntry[]
    return {
      pages: texts.filter((body, i) => body === `<title>/page/${i}</title>`).length,
      echoes: echoes.filter((body) => body === text).length,
      protocols: [...new Set(hops.map(({ nextHopProtocol }) => nextHopProtocol))],
    }
  }, SENT)
  assert.deepEqual(seen, { pages: 60, echoes: 4, protocols: ['h2'] })
  assert.equal(server.context.connections.size, 1)
  const { fields } = server.exchanges.at(-1)!.request
  assert.equal(fields.get('cookie'), 'a=1; b=2')
})

test('t00039 curl: several requests on one connection, with and without a body', async (t) => {
  if (!existsSync('/usr/bin/curl')) return t.skip('curl is not installed')
  const { server, address } = await start(t)
  const usual = ['-sS', '-k', '--http2', '--max-time', '20']
  const format = ['-w', '%{http_version} %{http_code} %{size_download}\n', '-o', '/dev/null']
  const get = [...usual, ...format, `${address}/a`]
  const post = [...usual, ...format, '-d', SENT.slice(0, 100_000), '-H', 'Expect: 100-continue']
  const head = [...usual, ...format, '-I', `${address}/b`]
  const { stdout } = await run('curl', [
    ...get,
    '--next',
    ...post,
    `${address}/c`,
    '--next',
    ...head,
  ])
  assert.deepEqual(stdout.trim().split('\n'), ['2 200 17', '2 200 100000', '2 200 0'])
  assert.equal(server.context.stats.connectionsAccepted, 1)
})
