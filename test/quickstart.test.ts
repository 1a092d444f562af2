/** The README's first command, on ports of its own: what a newcomer sees must be what this test sees. */

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { freePorts } from './harness/free-ports.ts'

const ROOT = resolve(import.meta.dirname, '..')
const START = resolve(ROOT, 'examples/quickstart/start.ts')

interface Running {
  readonly child: ChildProcess
  readonly http: number
  /** Everything printed so far. */
  output(): string
}

let running: Running
let base: string

before(async () => {
  const [http, https, control] = await freePorts(3)
  running = start(['--http', `${http}`, '--https', `${https}`, '--control', `${control}`], http!)
  base = `http://localhost:${http}`
  await waitFor(() => running.output().includes('Ctrl-C ends both'), 'the closing words')
})

after(() => {
  running.child.kill('SIGKILL')
})

test('one request went through Postern to the service, and the terminal shows it', () => {
  const text = running.output()
  assert.match(text, /^> GET \/pets\/1 HTTP\/1\.1$/m)
  assert.match(text, /^< HTTP\/1\.1 200 OK$/m)
  assert.match(text, /^< apigw-requestid: \S+$/im)
  assert.match(text, /^\{"id":"1","name":"Mia","kind":"cat","askedAs":"[^"]+"\}$/m)
  assert.ok(text.includes(`curl -N ${base}/events`), 'the next commands use the chosen port')
})

test('the request id that the definition appends reaches the service and is the one in the answer', async () => {
  const response = await fetch(`${base}/pets/2`)
  const pet = (await response.json()) as { askedAs: string }
  assert.equal(pet.askedAs, response.headers.get('apigw-requestid'))
})

test('the query is forwarded', async () => {
  const pets = (await (await fetch(`${base}/pets?kind=dog`)).json()) as { name: string }[]
  assert.deepEqual(
    pets.map((pet) => pet.name),
    ['Rex'],
  )
})

test('an upload arrives byte for byte and comes back', async () => {
  const photo = Buffer.alloc(2 * 1024 * 1024, 'jpeg of a cat ')
  const put = await fetch(`${base}/pets/1/photo`, { method: 'PUT', body: photo })
  const stored = (await put.json()) as { bytes: number; sha256: string }
  assert.equal(put.status, 201)
  assert.equal(put.headers.get('location'), '/pets/1/photo')
  assert.equal(stored.sha256, createHash('sha256').update(photo).digest('hex'))
  const back = Buffer.from(await (await fetch(`${base}/pets/1/photo`)).arrayBuffer())
  assert.ok(back.equals(photo))
})

test('an event arrives while its stream is open', async () => {
  const controller = new AbortController()
  const response = await fetch(`${base}/events`, { signal: controller.signal })
  assert.equal(response.headers.get('content-type'), 'text/event-stream')
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = await readUntil(reader, '', 'welcome')
  const body = JSON.stringify({ name: 'Pip', kind: 'mouse' })
  const post = await fetch(`${base}/pets`, { method: 'POST', body })
  assert.equal(post.status, 201)
  text = await readUntil(reader, text, '"Pip"')
  assert.match(text, /event: added\ndata: \{"id":"\d+","name":"Pip","kind":"mouse"\}\n\n/)
  controller.abort()
})

test('the greedy route forwards what is below it, the gateway refuses what no route names', async () => {
  assert.match(await (await fetch(`${base}/guides/cats/feeding`)).text(), /Cats eat/)
  const missing = await fetch(`${base}/accounts`)
  assert.equal(missing.status, 404)
  assert.equal(await missing.text(), '{"message":"Not Found"}')
})

test('a preflight is answered by the gateway', async () => {
  const response = await fetch(`${base}/pets`, {
    method: 'OPTIONS',
    headers: { origin: 'https://petshop.example', 'access-control-request-method': 'POST' },
  })
  assert.equal(response.status, 204)
  assert.equal(response.headers.get('access-control-allow-origin'), 'https://petshop.example')
})

test('a port in use: one sentence that says how to choose another', async () => {
  const taken = createServer().listen(0)
  await once(taken, 'listening')
  const port = (taken.address() as AddressInfo).port
  const other = start(['--http', `${port}`], port)
  const [code] = (await once(other.child, 'exit')) as [number]
  taken.close()
  assert.equal(code, 1)
  assert.equal(
    other.output(),
    `Port ${port} is in use. Choose another: npm start -- --http ${port + 1}\n`,
  )
})

test('SIGTERM ends everything, exit code 0', async () => {
  running.child.kill('SIGTERM')
  const [code] = (await once(running.child, 'exit')) as [number]
  assert.equal(code, 0)
  await assert.rejects(fetch(`${base}/pets`))
})

function start(flags: readonly string[], http: number): Running {
  const child = spawn(process.execPath, [START, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
  }
  return { child, http, output: () => text }
}

async function waitFor(condition: () => boolean, what: string): Promise<void> {
  while (!condition()) {
    assert.equal(running.child.exitCode, null, `ended before ${what}:\n${running.output()}`)
    const { stdout, stderr } = running.child
    const signal = AbortSignal.timeout(30_000)
    await Promise.race([
      once(stdout!, 'data', { signal }),
      once(stderr!, 'data', { signal }),
      once(running.child, 'exit', { signal }),
    ])
  }
}

async function readUntil(
  reader: ReadableStreamDefaultReader<string>,
  begun: string,
  wanted: string,
): Promise<string> {
  let text = begun
  while (!text.includes(wanted)) {
    const { done, value } = await reader.read()
    assert.ok(!done, `the stream ended before ${wanted}: ${text}`)
    text += value
  }
  return text
}
