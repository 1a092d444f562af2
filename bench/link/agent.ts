/** The private end, as a process of its own: enrols with the token that it gets, serves, tells its processor time. */
import { systemClock } from '../../src/base/clock.ts'
import { systemRandom } from '../../src/base/random.ts'
import { TimerWheel } from '../../src/base/timer-wheel.ts'
import { makeSigningRequest } from '../../src/certificates/signing-request.ts'
import { startLinkAgent } from '../../src/link/agent.ts'
import { enrolAgent } from '../../src/link/enrol.ts'
import { linkLimits } from '../../test/harness/link-limits.ts'

const [port = '', token = ''] = process.argv.slice(2)
const gateway = { host: '127.0.0.1', port: Number(port) }
const identity = await enrolAgent({ gateway, makeSigningRequest, label: 'bench' }, token)
startLinkAgent({
  gateways: [gateway],
  identity,
  onIdentity: () => {},
  makeSigningRequest,
  allow: undefined,
  targetTls: {},
  label: 'bench',
  version: '1.0.0',
  timers: new TimerWheel(systemClock),
  clock: systemClock,
  random: systemRandom,
  limits: linkLimits({ connections: 256, waiting: 20_000 }),
  log: () => {},
})
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.(user + system)
})
process.on('disconnect', () => process.exit(0))
