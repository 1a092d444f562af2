import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { processClock } from './clock.ts'

/** Says its time whenever it is asked. */
const ECHO = `
  const { parentPort } = require('node:worker_threads')
  import(${JSON.stringify(new URL('./clock.ts', import.meta.url).href)}).then(({ processClock }) =>
    parentPort.on('message', () => parentPort.postMessage(processClock.now())),
  )
`

test('all threads of the process have the same time', async (t) => {
  const worker = new Worker(ECHO, { eval: true })
  t.after(() => worker.terminate())
  // What one thread measures of its own start is off by a few microseconds at most.
  const toleranceMs = 0.1
  for (let i = 0; i < 20; i++) {
    const before = processClock.now()
    worker.postMessage('')
    const [there] = await once(worker, 'message')
    const after = processClock.now()
    assert.ok(there >= before - toleranceMs && there <= after + toleranceMs, `${there - before}`)
    assert.ok(after >= before)
  }
})
