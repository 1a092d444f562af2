/** Many keep-alive connections that have each made one request and then do nothing. */
import net from 'node:net'
import { ResponseReader } from './response-reader.ts'

const OPENING_AT_ONCE = 100

/** Opens `count` connections, a hundred at a time; every one has its answer when this resolves. */
export async function openIdleConnections(
  port: number,
  path: string,
  count: number,
): Promise<net.Socket[]> {
  const sockets: net.Socket[] = []
  while (sockets.length < count) {
    const batch = Math.min(OPENING_AT_ONCE, count - sockets.length)
    sockets.push(...(await Promise.all(Array.from({ length: batch }, () => openOne(port, path)))))
  }
  return sockets
}

function openOne(port: number, path: string): Promise<net.Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<net.Socket>()
  const reader = new ResponseReader()
  const socket = net.connect(port, '127.0.0.1')
  socket.on('error', reject)
  socket.on('close', () => reject(new Error('bench: the gateway closed an idle connection')))
  socket.on('data', (bytes: Buffer) => {
    const status = reader.read(bytes.toString('latin1'))
    if (status === 200) resolve(socket)
    else if (status !== 0)
      reject(new Error(`bench: an idle connection was answered with ${status}`))
  })
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
  return promise
}
