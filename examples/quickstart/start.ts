/**
 * `npm start`: the pet shop, Postern in front of it, and one request through both.
 *
 * Flags after `--` go to `postern dev`: `npm start -- --http 8081`. Ends with Ctrl-C.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { get, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isForUsAlone, onEnd } from '../on-end.ts'
import { petShop } from './service.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const READY_WITHIN_MS = 30_000
const PORT_MAX = 65_535
const PORTS = { http: '8080', https: '8443', control: '9080' }

type PortName = keyof typeof PORTS

interface Answer {
  readonly response: IncomingMessage
  readonly body: string
}

async function main(flags: readonly string[]): Promise<number> {
  const taken = await takenPorts(flags)
  if (taken.length > 0) {
    const ports = taken.map((name) => portOf(flags, name)).join(', ')
    const used = taken.length === 1 ? `Port ${ports} is in use` : `Ports ${ports} are in use`
    console.error(`${used}. Choose another: npm start -- ${await otherPorts(flags, taken)}`)
    return 1
  }
  const shop = petShop()
  const { port: shopPort } = await new Promise<AddressInfo>((listening) => {
    shop.listen(0, '127.0.0.1', () => listening(shop.address() as AddressInfo))
  })
  console.log(`The pet shop (examples/quickstart/service.ts) listens on 127.0.0.1:${shopPort}.`)
  const postern = startPostern(shopPort, flags)
  let asked = false
  onEnd((signal) => {
    asked = true
    if (isForUsAlone(signal)) postern.kill(signal)
  })
  const ended = new Promise<number>((end) => postern.on('exit', (code) => end(code ?? 1)))
  await Promise.race([showOneRequest(flags, postern), ended])
  const code = await ended
  shop.close()
  shop.closeAllConnections()
  // Somebody who still watches the events when they stop the shop has made no mistake.
  return asked ? 0 : code
}

async function takenPorts(flags: readonly string[]): Promise<PortName[]> {
  const names = Object.keys(PORTS) as PortName[]
  const taken = await Promise.all(names.map((name) => isTaken(portOf(flags, name))))
  return names.filter((_, i) => taken[i])
}

/** The flags that were given, and for each port that is taken the next one that is free. */
async function otherPorts(flags: readonly string[], taken: readonly PortName[]): Promise<string> {
  const words = withoutPorts(flags, taken)
  const chosen = new Set<string>()
  for (const name of taken) {
    let port = Number(portOf(flags, name)) + 1
    while (chosen.has(`${port}`) || (await isTaken(`${port}`))) port++
    chosen.add(`${port}`)
    words.push(`--${name} ${port}`)
  }
  return words.join(' ')
}

function withoutPorts(flags: readonly string[], names: readonly PortName[]): string[] {
  const isPort = (flag = '') => names.some((name) => flag === `--${name}`)
  const isWhole = (flag: string) => names.some((name) => flag.startsWith(`--${name}=`))
  return flags.filter((flag, i) => !isPort(flag) && !isWhole(flag) && !isPort(flags[i - 1]))
}

function portOf(flags: readonly string[], name: PortName): string {
  const at = flags.findLastIndex((flag) => flag === `--${name}` || flag.startsWith(`--${name}=`))
  if (at === -1) return PORTS[name]
  return flags[at]!.includes('=') ? flags[at]!.split('=')[1]! : (flags[at + 1] ?? '')
}

function isTaken(port: string): Promise<boolean> {
  // What is no port is refused by Postern, in better words than here.
  if (!/^\d+$/.test(port) || Number(port) > PORT_MAX) return Promise.resolve(false)
  return new Promise((answer) => {
    const socket = connect(Number(port), 'localhost')
    socket.on('connect', () => {
      socket.destroy()
      answer(true)
    })
    socket.on('error', () => answer(false))
  })
}

function startPostern(shopPort: number, flags: readonly string[]): ChildProcess {
  const definition = 'examples/quickstart/api.yaml'
  const origin = `origin=127.0.0.1:${shopPort}`
  // An event stream that somebody watches would hold the end back for the default of 30 seconds.
  const own = ['--stage-variable', origin, '--drain-timeout', '2s']
  const words = ['src/main.ts', 'dev', definition, ...own, ...flags]
  console.log(`$ postern ${words.slice(1).join(' ')}\n`)
  return spawn(process.execPath, words, { cwd: ROOT, stdio: 'inherit' })
}

async function showOneRequest(flags: readonly string[], postern: ChildProcess): Promise<void> {
  const port = portOf(flags, 'http')
  // A port that is off or left to chance cannot be asked.
  if (!(Number(port) > 0 && Number(portOf(flags, 'control')) > 0)) return
  const base = `http://localhost:${port}`
  const url = `${base}/pets/1`
  if (!(await isReady(flags, postern))) return
  const { response, body } = await fetchText(url)
  console.log(`\n> GET /pets/1 HTTP/1.1\n> Host: ${new URL(url).host}\n>`)
  console.log(`< HTTP/${response.httpVersion} ${response.statusCode} ${response.statusMessage}`)
  for (let i = 0; i < response.rawHeaders.length; i += 2) {
    console.log(`< ${response.rawHeaders[i]}: ${response.rawHeaders[i + 1]}`)
  }
  console.log(`<\n${body}`)
  console.log(`That was ${url}, answered by the pet shop. Next, in another terminal:

  curl '${base}/pets?kind=cat'
  curl -N ${base}/events
  curl -T LICENSE ${base}/pets/1/photo

Change examples/quickstart/api.yaml and save it: Postern takes it over. Ctrl-C ends both.`)
}

/** Asks the control port until it says so; false when Postern ended or took too long. */
async function isReady(flags: readonly string[], postern: ChildProcess): Promise<boolean> {
  const url = `http://localhost:${portOf(flags, 'control')}/readyz`
  const until = performance.now() + READY_WITHIN_MS
  while (postern.exitCode === null && performance.now() < until) {
    const answer = await fetchText(url).catch(() => undefined)
    if (answer?.response.statusCode === 200) return true
    await sleep(20)
  }
  if (postern.exitCode === null) {
    console.error(`Postern was not ready within ${READY_WITHIN_MS / 1000} seconds.`)
    postern.kill()
  }
  return false
}

function fetchText(url: string): Promise<Answer> {
  return new Promise((answer, reject) => {
    get(url, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
      })
      response.on('end', () => answer({ response, body }))
      response.on('error', reject)
    }).on('error', reject)
  })
}

process.exitCode = await main(process.argv.slice(2))
