/**
 * Where a worker thread begins: switches the compile cache on, then loads and wires the data plane.
 *
 * Nothing else may be imported here statically: what is loaded before the cache is on is compiled again at each start.
 */

import module from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../../base/assert.ts'
import type { WorkerBirth } from './worker-birth.ts'

assert(parentPort !== null, 'worker.ts runs in a worker thread')
const birth = workerData as WorkerBirth
module.enableCompileCache(birth.compileCache)
const { runWorker } = await import('../wire.ts')
runWorker(birth, parentPort)
