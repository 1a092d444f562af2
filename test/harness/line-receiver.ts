/** Takes log lines by HTTP, as a log service does; it can be slow, refuse, or fail. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface LineReceiver {
  readonly url: string
  readonly lines: string[]
  readonly headers: Readonly<Record<string, string | string[] | undefined>>[]
  /** What it answers; lines of a request that is not taken are not kept. */
  status: number
}

export async function startLineReceiver(t: TestContext): Promise<LineReceiver> {
  const receiver = {
    url: '',
    lines: [] as string[],
    headers: [] as LineReceiver['headers'],
    status: 204,
  }
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request.setEncoding('utf8')) text += chunk
    receiver.headers.push(request.headers)
    if (receiver.status < 300) receiver.lines.push(...text.split('\n').slice(0, -1))
    response.writeHead(receiver.status).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ingest`
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return receiver
}
