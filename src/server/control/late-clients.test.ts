import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { closeLateClients } from './late-clients.ts'

const TIMEOUT_MS = 50

/** A connection of a client to a server that answers whole bodies by their length. */
async function connect(
  t: TestContext,
): Promise<{ client: net.Socket; headRead: Promise<unknown> }> {
  const timeouts = { headersTimeout: TIMEOUT_MS, requestTimeout: TIMEOUT_MS * 2 }
  const server = http.createServer(
    { ...timeouts, connectionsCheckingInterval: TIMEOUT_MS },
    (request, response) => {
      let length = 0
      request.on('data', (piece: Buffer) => {
        length += piece.length
      })
      request.on('end', () => response.end(`read ${length}`))
      // A body that is cut off.
      request.on('error', () => undefined)
    },
  )
  closeLateClients(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1')
  await Promise.all([once(server, 'connection'), once(client, 'connect')])
  t.after(() => {
    client.destroy()
    server.close()
  })
  return { client, headRead: once(server, 'request') }
}

/** The thread has other things to do. */
function beBusy(): void {
  const end = performance.now() + TIMEOUT_MS * 4
  while (performance.now() < end);
}

async function answerOf(client: net.Socket): Promise<string> {
  let text = ''
  client.on('data', (bytes) => {
    text += bytes.toString('latin1')
    if (text.includes('read ')) client.destroy()
  })
  // A reset is told by what has been read.
  client.on('error', () => undefined)
  await once(client, 'close')
  return text.split('\r\n').at(-1)!
}

const POST = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n'

test('a request that was there before its time was over is answered, however late', async (t) => {
  const { client } = await connect(t)
  client.write(`${POST}body`)
  beBusy()
  assert.equal(await answerOf(client), 'read 4')
})

test('so is the rest of a body', async (t) => {
  const { client, headRead } = await connect(t)
  client.write(POST)
  await headRead
  // The timers come next in the loop, before what is read.
  await new Promise(setImmediate)
  client.write('body')
  beBusy()
  assert.equal(await answerOf(client), 'read 4')
})

for (const [what, sent] of [
  ['nothing', ''],
  ['half a head', 'POST / HTT'],
  ['half a body', `${POST}bo`],
] as const) {
  for (const busy of [false, true]) {
    test(`who sends ${what} is cut off by a server that is ${busy ? '' : 'not '}late`, async (t) => {
      const { client } = await connect(t)
      client.write(sent)
      if (busy) beBusy()
      assert.equal(await answerOf(client), '')
    })
  }
}
