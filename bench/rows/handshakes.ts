/** TLSNEW: what a full handshake costs, without resumption, beside nginx. */
import { alternate, type Measured, type Subject } from '../alternate.ts'
import { nginx } from '../gateway/nginx.ts'
import { postern } from '../gateway/postern.ts'
import { newSessions } from '../load/load.ts'
import type { Claim, Row } from '../row.ts'
import { pairedRatio } from '../statistics.ts'

const CPU = 'CPU per handshake'
/** Handshakes after which a program counts as warm; each is a thousand times the work of a request. */
const WARMUP_HANDSHAKES = 4_000
const AT_LEAST = 0.8

export const handshakes: Row = {
  id: 'TLSNEW',
  title: 'Full TLS 1.3 handshakes',
  method:
    'openssl s_time opens one connection after another, each with a new session, to a P-256 certificate, and closes it. ' +
    'Processor time of the gateway divided by the handshakes: the client, which works as hard, would decide a rate.',
  shown: [CPU],
  async run(bench) {
    const subjects: Subject[] = []
    for (const gateway of bench.wanted([postern(), nginx()])) {
      const running = await bench.start(gateway, { tls: true })
      const load = (seconds: number) => newSessions(bench.cores.load, running.tlsPort, seconds)
      subjects.push({ running, load })
    }
    const measured = await alternate(bench.plan, subjects, { warmupRequests: WARMUP_HANDSHAKES })
    await bench.stop(...subjects.map(({ running }) => running))
    const figures = measured.map(({ name, cpuMicrosPerRequest }) => ({
      ...{ subject: name, quantity: CPU, unit: 'µs' as const },
      samples: cpuMicrosPerRequest,
    }))
    return { figures, claims: claimsOf(measured) }
  },
}

function claimsOf(measured: readonly Measured[]): Claim[] {
  const cpuOf = (wanted: string) => measured.find(({ name }) => name === wanted)
  const [ours, theirs] = [cpuOf('postern'), cpuOf('nginx')]
  if (ours === undefined || theirs === undefined) return []
  const value = pairedRatio(theirs.cpuMicrosPerRequest, ours.cpuMicrosPerRequest)
  const sentence = 'handshakes per second of processor time, postern ÷ nginx'
  return [{ sentence, value, unit: '×', atLeast: AT_LEAST }]
}
