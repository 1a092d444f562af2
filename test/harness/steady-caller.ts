/**
 * A program that calls one address over TLS, again and again on kept connections, until SIGTERM; then it prints how many
 * calls there were and what became of those that failed, as JSON.
 *
 *   node test/harness/steady-caller.ts ADDRESS PORT NAME PATH TOKEN CA_FILE
 */

import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'

const CALLERS = 4
const PAUSE_MS = 5
const TIMEOUT_MS = 10_000

const [host, port, servername, path, token, caFile] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: CALLERS })
const ca = readFileSync(caFile!)
const failures: string[] = []
let calls = 0
let isOver = false

process.once('SIGTERM', () => {
  isOver = true
})

async function callAgain(): Promise<void> {
  while (!isOver) {
    const outcome = await call().catch((error: Error) => error.message)
    calls++
    if (outcome !== '200') failures.push(outcome)
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

function call(): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { host: `${servername}:${port}`, authorization: `Bearer ${token}` }
    const options = { host, port, servername, path, ca, agent, headers, timeout: TIMEOUT_MS }
    const asked = request(options, (answer) => {
      answer.resume().on('end', () => resolve(String(answer.statusCode)))
      answer.on('error', reject)
    })
    asked.on('error', reject)
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')))
    asked.end()
  })
}

console.log('calling')
await Promise.all(Array.from({ length: CALLERS }, callAgain))
agent.destroy()
console.log(JSON.stringify({ calls, failures }))
