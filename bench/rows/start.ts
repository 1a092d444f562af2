/** P5, first half: from the command to the first answered request. */
import type { Gateway } from '../gateway/gateway.ts'
import { nginx } from '../gateway/nginx.ts'
import { caddy, fastify } from '../gateway/other-peers.ts'
import { postern } from '../gateway/postern.ts'
import type { Claim, Row } from '../row.ts'
import { median } from '../statistics.ts'

const QUANTITY = 'start to first answer'

export const start: Row = {
  id: 'P5START',
  title: 'Start to first answered request',
  method:
    'From the moment the process is created until a request, on a new connection tried every millisecond, has been ' +
    'answered by the origin through it.',
  shown: [QUANTITY],
  async run(bench) {
    const gateways = bench.wanted([postern(), nginx(), caddy, fastify])
    const samples: number[][] = gateways.map(() => [])
    for (let run = 0; run < bench.plan.runs; run++) {
      for (const [i, gateway] of gateways.entries()) {
        const running = await bench.start(gateway)
        samples[i]!.push(running.readyMs)
        await bench.stop(running)
      }
    }
    return {
      figures: gateways.map(({ name }, i) => ({
        subject: name,
        quantity: QUANTITY,
        unit: 'ms',
        samples: samples[i]!,
      })),
      claims: gateways.flatMap((gateway, i) => posternClaim(gateway, samples[i]!)),
    }
  },
}

function posternClaim({ name }: Gateway, samples: readonly number[]): readonly Claim[] {
  if (name !== 'postern') return []
  return [{ sentence: `${QUANTITY}, postern`, value: median(samples), unit: 'ms', atMost: 300 }]
}
