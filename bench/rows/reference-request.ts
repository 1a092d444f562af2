/** P1: the reference request, everything that a protected API asks of a gateway at once, against the peers. */
import { alternate, type Subject } from '../alternate.ts'
import type { Bench } from '../bench.ts'
import { cpuClaim, rateClaim } from '../claims.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { nginx } from '../gateway/nginx.ts'
import {
  type ReferenceWork,
  referenceFastify,
  referenceHaproxy,
  referencePostern,
} from '../gateway/reference.ts'
import { TOKEN_CHARACTERS } from '../reference/issuer.ts'
import { PROVEN_RATE, proveReference } from '../reference/prove-reference.ts'
import { CLIENTS, RATE_MAX, ReferenceLoad } from '../reference/reference-load.ts'
import { CPU, RATE, requestFigures } from '../request-figures.ts'
import type { Row } from '../row.ts'

export const referenceRequest: Row = {
  id: 'P1',
  title: 'The reference request',
  method:
    `${CLIENTS} clients with RS256 tokens of ${TOKEN_CHARACTERS} characters: signature, issuer, audience, scope and ` +
    'expiry are checked, a rate is counted for each client, a JSON line is written to a file and the call counted, ' +
    '`/api/…` becomes `/private/…`, and two headers are added for the origin. HAProxy and Fastify do the same by ' +
    'their own means (`bench/peers/`); each has to prove it first, by whom it refuses, by what the origin sees and by ' +
    'its log. nginx is a bare proxy that gets the same requests.',
  shown: [CPU, RATE],
  async run(bench) {
    const load = await ReferenceLoad.open(bench)
    try {
      await proveAll(bench, load)
      const measured = await alternate(bench.plan, await startAll(bench, load))
      await bench.stopGateways()
      const claims = [
        ...cpuClaim(measured, { name: 'postern', base: 'nginx', atMost: 1.25 }),
        ...rateClaim(measured, { name: 'postern', base: 'haproxy', atLeast: 2.5 }),
        ...rateClaim(measured, { name: 'postern', base: 'fastify', atLeast: 4 }),
      ]
      return { figures: requestFigures(measured), claims }
    } finally {
      load.close()
    }
  },
}

/** Each on an instance of its own, whose rate is low enough to be reached. */
async function proveAll(bench: Bench, load: ReferenceLoad): Promise<void> {
  const gateways = gatewaysFor({ issuer: load.issuer, requestsPerTenSeconds: PROVEN_RATE })
  for (const gateway of bench.wanted(gateways)) {
    const running = await load.start(gateway)
    await proveReference(running, load.issuer)
    await bench.stop(running)
  }
}

async function startAll(bench: Bench, load: ReferenceLoad): Promise<readonly Subject[]> {
  const gateways = gatewaysFor({ issuer: load.issuer, requestsPerTenSeconds: RATE_MAX })
  const subjects: Subject[] = []
  for (const gateway of bench.wanted([...gateways, nginx()])) {
    subjects.push(await load.subject(gateway))
  }
  return subjects
}

function gatewaysFor(work: ReferenceWork): readonly Gateway[] {
  return [referencePostern(work), referenceHaproxy(work), referenceFastify(work)]
}
