import assert from 'node:assert/strict'
import net from 'node:net'
import { test } from 'node:test'
import { checkPortsFree, portFailure, workersFor } from './ports.ts'

test('a port that somebody shares is in use, too', async () => {
  const other = net.createServer()
  await new Promise<void>((resolve) =>
    other.listen({ port: 0, host: '127.0.0.1', reusePort: process.platform === 'linux' }, resolve),
  )
  const { port } = other.address() as net.AddressInfo
  const wanted = { setting: 'https', port, host: '127.0.0.1' } as const
  await assert.rejects(checkPortsFree([wanted]), {
    message: `Port ${port} of 127.0.0.1 (--https) is in use by another program`,
    mend: 'Choose another with --https PORT.',
  })
  await new Promise((resolve) => other.close(resolve))
  await checkPortsFree([wanted])
})

test('several ports in use are told at once', async () => {
  const others = [net.createServer(), net.createServer()]
  const wanted = await Promise.all(
    others.map(async (server, i) => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as net.AddressInfo
      return { setting: i === 0 ? 'http' : 'control', port, host: '127.0.0.1' } as const
    }),
  )
  await assert.rejects(checkPortsFree(wanted), {
    message: '2 ports cannot be had',
    mend: 'Choose another with --http PORT. Choose another with --control PORT.',
    details: wanted.map(
      ({ port, setting }) =>
        `Port ${port} of 127.0.0.1 (--${setting}) is in use by another program`,
    ),
  })
  for (const server of others) server.close()
})

test('two flags that name one port are a mistake of usage', async () => {
  const wanted = [
    { setting: 'http', port: 8080, host: undefined },
    { setting: 'https', port: 8080, host: undefined },
  ] as const
  const message = '--http and --https both name port 8080'
  await assert.rejects(checkPortsFree(wanted), { message, exitCode: 2 })
  await assert.rejects(checkPortsFree([wanted[0], { ...wanted[1], host: '127.0.0.1' }]), {
    message,
  })
})

test('each reason has its sentence', () => {
  const wanted = { setting: 'http', port: 80, host: '192.0.2.1' } as const
  assert.match(portFailure(wanted, 'EACCES', '').message, /\(--http\) needs privileges/)
  assert.match(portFailure(wanted, 'EADDRNOTAVAIL', '').message, /192\.0\.2\.1 \(--host\) is not/)
  assert.match(portFailure(wanted, 'EMFILE', 'too many').message, /cannot be opened: too many/)
})

test('workers: one a core up to eight, as asked, or one where ports cannot be shared', () => {
  const on = (platform: string, cores: number) => ({ platform, cores })
  assert.deepEqual(workersFor(undefined, on('linux', 4)), { workers: 4, note: undefined })
  assert.deepEqual(workersFor(undefined, on('linux', 64)), { workers: 8, note: undefined })
  assert.deepEqual(workersFor(16, on('linux', 2)), { workers: 16, note: undefined })
  assert.deepEqual(workersFor(undefined, on('darwin', 8)), { workers: 1, note: undefined })
  assert.match(workersFor(4, on('darwin', 8)).note ?? '', /running 1 worker, not 4/)
})
