/**
 * Attack 56, as far as it is about targets: a target that is killed under load, and one that is asked to stop. Targets are
 * processes of their own, so that what the kernel does with their connections is real.
 */

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import {
  CHECK,
  documentOf,
  groupOf,
  NO_DETECTION,
  THROUGH_LISTENER,
  untilStates,
} from '../harness/balancing.ts'
import { startGateway } from '../harness/gateway.ts'

/** Answers after some milliseconds; stops on SIGTERM as a good server does: what it has it ends. */
const SERVER = `
const server = require('node:http').createServer((request, response) => {
  setTimeout(() => response.end(String(process.pid)), 5)
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.on('SIGTERM', () => server.close(() => process.exit(0)))
`

interface TargetProcess {
  readonly port: number
  readonly child: ChildProcess
}

async function startTarget(t: TestContext): Promise<TargetProcess> {
  const child = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const [line] = (await once(child.stdout!, 'data')) as [Buffer]
  return { port: Number(line.toString()), child }
}

const CALLERS = 8
const CALLS_AFTER = 200

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  test(`56 a target gets ${signal} under load: every GET is answered`, async (t) => {
    const targets = await Promise.all([startTarget(t), startTarget(t), startTarget(t)])
    const group = groupOf(
      'three',
      targets.map(({ port }) => port),
      {
        outlierDetection: { ...NO_DETECTION, consecutive5xx: 3 },
        healthCheck: { ...CHECK, protocol: 'HTTP', path: '/health' },
      },
    )
    const gateway = await startGateway(t, {
      routes: { $default: THROUGH_LISTENER },
      balancing: documentOf([group]),
    })
    await untilStates(gateway, group, ['healthy', 'healthy', 'healthy'])
    const victim = targets[1]!.child
    const seen = { before: 0, after: 0, ofVictim: 0 }
    const call = async () => {
      const client = await gateway.client()
      while (seen.after < CALLS_AFTER) {
        const answer = await client.get('/')
        assert.equal(answer.status, 200, `${answer.text} after ${JSON.stringify(seen)}`)
        if (victim.signalCode === null && victim.exitCode === null) seen.before++
        else seen.after++
        if (answer.text === String(victim.pid)) seen.ofVictim++
        if (seen.before === 100) victim.kill(signal)
      }
    }
    await Promise.all(Array.from({ length: CALLERS }, call))
    assert(seen.ofVictim > 10, 'it had its share before')
    await untilStates(gateway, group, ['healthy', 'unhealthy', 'healthy'])
    assert.equal(gateway.targets.figures().get(group.arn)!.inFlight, 0)
  })
}
