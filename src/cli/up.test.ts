import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'

const MAIN = new URL('../main.ts', import.meta.url).pathname
const ANY_PORTS = ['--http', '0', '--https', 'off', '--control', '0', '--workers', '1', '--json']

let folder = ''
let origin: http.Server
let target = ''
/** Answers to `/slow` that the test lets go. */
const held: http.ServerResponse[] = []

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'postern-up-'))
  origin = http.createServer((request, response) => {
    if (request.url === '/slow') held.push(response)
    else response.end(`origin saw ${request.url}`)
    origin.emit('seen', request.url)
  })
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve))
  target = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`
})
after(async () => {
  origin.closeAllConnections()
  origin.close()
  await fs.rm(folder, { recursive: true })
})

function definition(title: string, ...paths: string[]): string {
  const operation = { get: { responses: { 200: { description: 'ok' } } } }
  const entries = paths.map((each) => [each, operation])
  const info = { title, version: '1' }
  return JSON.stringify({ openapi: '3.0.1', info, paths: Object.fromEntries(entries) })
}

async function write(name: string, text: string): Promise<string> {
  const file = path.join(folder, name)
  await fs.writeFile(file, text)
  return file
}

/** One line of the program's JSON log. */
interface LogLine {
  readonly event?: string
  readonly level: string
  readonly message?: string
  readonly mend?: string
  readonly details?: readonly string[]
  readonly file?: string
  readonly line?: number
}

interface ReadyLine extends LogLine {
  readonly http: number
  readonly https?: number
  readonly control: string
  readonly caFile?: string
  readonly apis: readonly { readonly apiId: string; readonly urls: readonly string[] }[]
}

/** A Postern in a process of its own. */
class Postern {
  readonly child: ChildProcess
  readonly lines: LogLine[] = []
  readonly exit: Promise<number | null>
  output = ''
  #changed = Promise.withResolvers<void>()

  constructor(...words: string[]) {
    this.child = spawn(process.execPath, [MAIN, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: folder,
    })
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.output += text
      this.#wake()
    })
    createInterface({ input: this.child.stderr! }).on('line', (line) => {
      this.lines.push(line.startsWith('{') ? JSON.parse(line) : { level: 'raw', message: line })
      this.#wake()
    })
    // The streams may outlive the process: what it said last must have been read.
    this.exit = once(this.child, 'close').then(([code]) => code as number | null)
    void this.exit.then(() => this.#wake())
  }

  /** Waits until the condition gives something. Fails with what was said, if the program ends first. */
  async until<T>(condition: () => T | undefined): Promise<T> {
    for (;;) {
      const found = condition()
      if (found !== undefined) return found
      if (this.child.exitCode !== null && this.child.stderr!.closed) {
        assert.fail(`the program has ended: ${JSON.stringify(this.lines)}`)
      }
      await this.#changed.promise
    }
  }

  said(pattern: RegExp): Promise<LogLine> {
    return this.until(() => this.lines.find((line) => pattern.test(line.message ?? '')))
  }

  ready(): Promise<ReadyLine> {
    return this.until(() => this.lines.find((line) => line.event === 'ready') as ReadyLine)
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal)
    return this.exit
  }

  #wake(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers<void>()
  }
}

interface Asked {
  readonly port: number
  readonly path: string
  readonly host?: string
}

async function ask({ port, path, host = 'localhost' }: Asked) {
  const request = http.get({ host: '127.0.0.1', port, path, headers: { host }, agent: false })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) body += chunk
  return { status: response.statusCode, body }
}

describe('ready', () => {
  test('one API answers at the bare address and at its own name, over both ports', async () => {
    const file = await write('one.json', definition('One', '/pets'))
    const words = ['up', file, '--target', target, '--workers', '2', '--json']
    const postern = new Postern(...words, '--http', '0', '--https', '0', '--control', '0')
    const ready = await postern.ready()
    const [api] = ready.apis
    assert.deepEqual(api?.urls, [
      `http://localhost:${ready.http}/`,
      `https://localhost:${ready.https}/`,
      `http://${api?.apiId}.execute-api.localhost:${ready.http}/`,
      `https://${api?.apiId}.execute-api.localhost:${ready.https}/`,
    ])
    const expected = { status: 200, body: 'origin saw /pets' }
    const host = `${api?.apiId}.execute-api.localhost`
    assert.deepEqual(await ask({ port: ready.http, path: '/pets' }), expected)
    assert.deepEqual(await ask({ port: ready.http, path: '/pets', host }), expected)
    assert.equal(await askSecurely(ready), expected.body)
    assert.equal(await postern.end(), 0)
  })

  async function askSecurely(ready: ReadyLine): Promise<string> {
    const ca = await fs.readFile(path.join(folder, ready.caFile!))
    const request = https.get({
      ...{ host: '127.0.0.1', port: ready.https, path: '/pets', agent: false },
      ...{ ca, servername: 'localhost', headers: { host: 'localhost' } },
    })
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    let body = ''
    for await (const chunk of response.setEncoding('utf8')) body += chunk
    return body
  }

  test('several APIs answer each at its own name, and apis lists them', async () => {
    const files = [
      await write('a.json', definition('A', '/a')),
      await write('b.json', definition('B', '/b')),
    ]
    const postern = new Postern('up', ...files, '--target', target, ...ANY_PORTS)
    const ready = await postern.ready()
    for (const [i, api] of ready.apis.entries()) {
      assert.equal(api.urls.length, 1)
      const host = new URL(api.urls[0]!).hostname
      const own = ['/a', '/b'][i]!
      assert.equal((await ask({ port: ready.http, path: own, host })).status, 200)
      assert.equal((await ask({ port: ready.http, path: ['/b', '/a'][i]!, host })).status, 404)
    }
    const apis = new Postern('apis')
    assert.equal(await apis.exit, 0)
    assert.match(
      apis.output,
      /^ID +NAME +TYPE +STAGE +ROUTES +URL\n\S+ +A +HTTP +\$default +1 +http/,
    )
    assert.equal(await postern.end('SIGINT'), 0)
  })

  test('for people, ready lines go to standard error and requests to standard output', async () => {
    const file = await write('dev.json', definition('Dev', '/pets'))
    const ports = ['--http', '0', '--https', 'off', '--control', '0']
    const postern = new Postern('dev', file, '--target', target, ...ports)
    const address = await postern.said(/^ {4}http:\/\/localhost:\d+\/$/)
    const port = Number(new URL(address.message!.trim()).port)
    await ask({ port, path: '/pets' })
    const line = await postern.until(() => /.*\n/.exec(postern.output)?.[0])
    assert.match(line, /200 {2}GET {5}\/pets +→ GET \/pets +[\d.]+ ms \(gateway/)
    assert.equal(await postern.end(), 0)
  })
})

describe('dev', () => {
  test('with --json its requests are lines for programs too', async () => {
    const file = await write('dev.json', definition('Dev', '/pets'))
    const postern = new Postern('dev', file, '--target', target, ...ANY_PORTS)
    const { http: port } = await postern.ready()
    await ask({ port, path: '/pets' })
    const line = await postern.until(() => /.*\n/.exec(postern.output)?.[0])
    assert.equal((JSON.parse(line) as { routeKey: string }).routeKey, 'GET /pets')
    assert.equal(await postern.end(), 0)
  })

  test('says that a definition was deleted, serves on, and takes it back', async () => {
    const file = await write('gone.json', definition('Gone', '/pets'))
    const postern = new Postern('dev', file, '--target', target, ...ANY_PORTS)
    const { http: port } = await postern.ready()
    await postern.until(() => postern.lines.find((line) => line.event === 'ready'))
    await fs.rm(file)
    await postern.said(/^There is no such file/)
    await postern.said(/^not deployed, revision 1 stays in service/)
    assert.equal((await ask({ port, path: '/pets' })).status, 200)
    await write('gone.json', definition('Gone', '/pets'))
    await postern.said(/^nothing has changed, revision 1 stays in service/)
    await write('gone.json', definition('Gone', '/pets', '/more'))
    await postern.said(/^deployed revision 2/)
    assert.equal(await postern.end(), 0)
  })
})

test('a log file that nothing is written to is worth a warning', async () => {
  const file = await write('idle.json', definition('Idle', '/pets'))
  const log = path.join(folder, 'idle.log')
  const words = ['up', file, '--target', target, '--access-log-file', log, ...ANY_PORTS]
  const postern = new Postern(...words)
  await postern.said(/^nothing is written to --access-log-file/)
  await postern.ready()
  assert.equal(await postern.end(), 0)
})

describe('deploying again', () => {
  test('SIGHUP deploys what the file says now; a broken file keeps the old', async () => {
    const file = await write('again.json', definition('Again', '/old'))
    const postern = new Postern('up', file, '--target', target, '--workers', '2', ...ANY_PORTS)
    const { http: port } = await postern.ready()
    const statuses = async () => [
      (await ask({ port, path: '/old' })).status,
      (await ask({ port, path: '/new' })).status,
    ]
    assert.deepEqual(await statuses(), [200, 404])

    await write('again.json', '{ "openapi": ')
    postern.child.kill('SIGHUP')
    const problem = await postern.until(() =>
      postern.lines.find((line) => line.event === 'problem'),
    )
    assert.equal(problem.file, file)
    assert.equal(problem.line, 1)
    assert.equal(problem.level, 'error')
    await postern.said(/not deployed, revision 1 stays in service/)
    assert.deepEqual(await statuses(), [200, 404])

    await write('again.json', definition('Again', '/new'))
    postern.child.kill('SIGHUP')
    await postern.said(/deployed revision 2/)
    assert.deepEqual(await statuses(), [404, 200])
    assert.equal(await postern.end(), 0)
  })

  test('--watch deploys when the file is saved', async () => {
    const file = await write('watched.json', definition('Watched', '/old'))
    const postern = new Postern('up', file, '--target', target, '--watch', ...ANY_PORTS)
    const { http: port } = await postern.ready()
    await postern.until(() => postern.lines.find((line) => line.event === 'ready'))
    await fs.writeFile(`${file}~`, definition('Watched', '/new'))
    await fs.rename(`${file}~`, file)
    await postern.said(/deployed revision 2/)
    assert.equal((await ask({ port, path: '/new' })).status, 200)
    assert.equal(await postern.end(), 0)
  })
})

describe('the end', () => {
  test('SIGTERM answers what is in flight, refuses what is new, ends with 0', async () => {
    const file = await write('slow.json', definition('Slow', '/slow'))
    const postern = new Postern('up', file, '--target', target, ...ANY_PORTS)
    const { http: port } = await postern.ready()
    const arrived = once(origin, 'seen')
    const answer = ask({ port, path: '/slow' })
    await arrived
    postern.child.kill('SIGTERM')
    await postern.said(/^SIGTERM: ending/)
    await until(() => refusesConnections(port))
    held.pop()!.end('at last')
    assert.deepEqual(await answer, { status: 200, body: 'at last' })
    assert.equal(await postern.exit, 0)
  })

  test('the drain timeout cuts what is left and ends with 1', async () => {
    const file = await write('slow.json', definition('Slow', '/slow'))
    const words = ['up', file, '--target', target, '--drain-timeout', '50ms', ...ANY_PORTS]
    const postern = new Postern(...words)
    const { http: port } = await postern.ready()
    const arrived = once(origin, 'seen')
    const cut = assert.rejects(ask({ port, path: '/slow' }))
    await arrived
    assert.equal(await postern.end(), 1)
    await cut
    assert(postern.lines.some((line) => /were cut/.test(line.message ?? '')))
  })

  test('a second signal ends at once', async () => {
    const file = await write('slow.json', definition('Slow', '/slow'))
    const postern = new Postern('up', file, '--target', target, ...ANY_PORTS)
    const { http: port } = await postern.ready()
    const arrived = once(origin, 'seen')
    const cut = assert.rejects(ask({ port, path: '/slow' }))
    await arrived
    postern.child.kill('SIGTERM')
    await postern.said(/^SIGTERM: ending/)
    const pressing = setInterval(() => postern.child.kill('SIGINT'), 50)
    assert.equal(await postern.exit, 130)
    clearInterval(pressing)
    await cut
  })

  async function until(condition: () => Promise<boolean>): Promise<void> {
    while (!(await condition())) await new Promise((resolve) => setImmediate(resolve))
  }

  function refusesConnections(port: number): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1')
      socket.on('connect', () => {
        socket.destroy()
        resolve(false)
      })
      socket.on('error', () => resolve(true))
    })
  }
})

describe('what cannot start', () => {
  test('a port in use: which port, which flag, exit 1', async () => {
    const file = await write('one.json', definition('One', '/pets'))
    const { port } = origin.address() as AddressInfo
    for (const flag of ['--http', '--https', '--control']) {
      const words = ['--host', '127.0.0.1', ...ANY_PORTS, flag, String(port)]
      const postern = new Postern('up', file, '--target', target, ...words)
      assert.equal(await postern.exit, 1)
      const { message = '', mend } = postern.lines.at(-1)!
      assert.match(
        message,
        new RegExp(`^Port ${port} .*\\(${flag}\\) is in use by another program$`),
      )
      assert.equal(mend, `Choose another with ${flag} PORT.`)
    }
  })

  test('a missing file and a broken one: every problem, exit 1', async () => {
    const file = await write('broken.json', '{')
    const postern = new Postern('up', file, 'missing.yaml', ...ANY_PORTS)
    assert.equal(await postern.exit, 1)
    const { message, details = [] } = postern.lines.at(-1)!
    assert.equal(message, 'The definitions cannot be served: 2 errors')
    assert.match(details[0]!, /broken\.json:1:\d+: error: /)
    assert.match(details[1]!, /^missing\.yaml: error: There is no such file\./)
  })

  test('a data folder that cannot be made: exit 1', async () => {
    const file = await write('one.json', definition('One', '/pets'))
    const words = ['up', file, '--target', target, '--data', path.join(file, 'x'), ...ANY_PORTS]
    const postern = new Postern(...words)
    assert.equal(await postern.exit, 1)
    assert.match(postern.lines.at(-1)!.message!, /^The data folder .* cannot be made/)
  })
})

test('access-log lines go to a file that SIGUSR1 opens anew', async () => {
  const file = await write('logged.json', definition('Logged', '/pets'))
  const log = path.join(folder, 'access.log')
  const flags = ['--access-log', 'json', '--access-log-file', log, '--workers', '2', ...ANY_PORTS]
  const postern = new Postern('up', file, '--target', target, ...flags)
  const { http: port } = await postern.ready()
  await ask({ port, path: '/pets' })
  await fs.rename(log, `${log}.1`)
  postern.child.kill('SIGUSR1')
  await reappears(log)
  await ask({ port, path: '/dogs' })
  assert.equal(await postern.end(), 0)
  const text = (await fs.readFile(`${log}.1`, 'utf8')) + (await fs.readFile(log, 'utf8'))
  const paths = text
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { path: string }).path)
  assert.deepEqual(paths, ['/pets', '/dogs'])
})

async function reappears(file: string): Promise<void> {
  const exists = () =>
    fs.stat(file).then(
      () => true,
      () => false,
    )
  while (!(await exists())) await new Promise((resolve) => setImmediate(resolve))
}
