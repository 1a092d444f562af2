/** P2, and the TLS rows: one bare proxied request, keep-alive, one worker, against the peers. */
import { alternate, type Subject } from '../alternate.ts'
import type { Bench } from '../bench.ts'
import { cpuClaim } from '../claims.ts'
import type { Gateway, RunningGateway } from '../gateway/gateway.ts'
import { nginx } from '../gateway/nginx.ts'
import { caddy, fastify, haproxy, httpProxy } from '../gateway/other-peers.ts'
import { postern } from '../gateway/postern.ts'
import { h2load, wrk } from '../load/load.ts'
import { CPU, requestFigures } from '../request-figures.ts'
import type { Outcome, Row } from '../row.ts'

const CONNECTIONS = 64
const PATH = '/pets'

export const bareProxy: Row = {
  id: 'P2',
  title: 'Bare HTTP proxy route',
  method:
    'wrk with 64 keep-alive connections, one worker or thread each, no access log. ' +
    'Processor time of the gateway divided by the requests answered.',
  shown: [CPU],
  run: (bench) =>
    compare(bench, {
      gateways: [postern(), nginx(), haproxy, caddy, fastify, httpProxy],
      tls: false,
      load: (running, seconds) => wrkLoad(bench, `http://127.0.0.1:${running.port}`, seconds),
      atMost: 1.1,
    }),
}

export const tlsHttp1: Row = {
  id: 'TLS1',
  title: 'The same over TLS 1.3, HTTP/1.1',
  method: 'As P2, over TLS 1.3 with a P-256 certificate; 64 connections, handshakes included.',
  shown: [CPU],
  run: (bench) =>
    compare(bench, {
      gateways: [postern(), nginx()],
      tls: true,
      load: (running, seconds) => wrkLoad(bench, `https://127.0.0.1:${running.tlsPort}`, seconds),
      atMost: 1.3,
    }),
}

export const tlsHttp2: Row = {
  id: 'TLS2',
  title: 'The same over TLS 1.3, HTTP/2',
  method: 'As P2, with h2load: HTTP/2 over TLS 1.3, 16 connections of 4 streams each.',
  shown: [CPU],
  run: (bench) =>
    compare(bench, {
      gateways: [postern(), nginx()],
      tls: true,
      load: ({ tlsPort }, seconds) =>
        h2load(bench.cores.load, `https://127.0.0.1:${tlsPort}${PATH}`, seconds),
      atMost: 1.8,
    }),
}

interface Comparison {
  readonly gateways: readonly Gateway[]
  readonly tls: boolean
  readonly load: (running: RunningGateway, seconds: number) => ReturnType<Subject['load']>
  /** The bar for Postern ÷ nginx. */
  readonly atMost?: number
}

async function compare(bench: Bench, comparison: Comparison): Promise<Outcome> {
  const { gateways, tls, load, ...bar } = comparison
  const subjects: Subject[] = []
  for (const gateway of bench.wanted(gateways)) {
    const running = await bench.start(gateway, { tls })
    subjects.push({ running, load: (seconds) => load(running, seconds) })
  }
  const measured = await alternate(bench.plan, subjects)
  await bench.stop(...subjects.map(({ running }) => running))
  const claims = measured
    .filter(({ name }) => name !== 'nginx')
    .flatMap(({ name }) => {
      const kept = name === 'postern' ? bar : {}
      return cpuClaim(measured, { name, base: 'nginx', ...kept })
    })
  return { figures: requestFigures(measured), claims }
}

function wrkLoad(bench: Bench, address: string, seconds: number) {
  const { load } = bench.cores
  return wrk({ core: load, url: address + PATH, seconds, connections: CONNECTIONS })
}
