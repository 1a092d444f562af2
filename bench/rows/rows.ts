/** All rows, in the order in which they run and are told. */
import type { Row } from '../row.ts'
import { addedLatency, addedLatencyWithAll } from './added-latency.ts'
import { bareProxy, tlsHttp1, tlsHttp2 } from './bare-proxy.ts'
import { deployment } from './deployment.ts'
import { explainCost } from './explain-cost.ts'
import { featureCosts } from './feature-cost.ts'
import { handshakes } from './handshakes.ts'
import { hugeDownload } from './huge-download.ts'
import { largeDownloads, largeUploads } from './large-bodies.ts'
import { vpcLink } from './link.ts'
import { managementCall } from './management-call.ts'
import { manyRoutesRow } from './many-routes.ts'
import { memory } from './memory.ts'
import { referenceRequest } from './reference-request.ts'
import { start } from './start.ts'
import { throughListener } from './through-listener.ts'
import { workers } from './workers.ts'

export const ROWS: readonly Row[] = [
  referenceRequest,
  bareProxy,
  addedLatency,
  addedLatencyWithAll,
  ...featureCosts,
  explainCost,
  throughListener,
  manyRoutesRow,
  start,
  deployment,
  managementCall,
  memory,
  largeDownloads,
  largeUploads,
  hugeDownload,
  workers,
  tlsHttp1,
  tlsHttp2,
  handshakes,
  vpcLink,
]

/** The rows a plan names, all when it names none; `P5` and `P8` mean every row that begins so. */
export function selectRows(names: readonly string[]): readonly Row[] {
  for (const name of names) {
    if (!ROWS.some(({ id }) => matches(id, name))) {
      const known = ROWS.map(({ id }) => id).join(', ')
      throw new Error(`bench: there is no row ${name}; the rows are ${known}`)
    }
  }
  return names.length === 0
    ? ROWS
    : ROWS.filter(({ id }) => names.some((name) => matches(id, name)))
}

function matches(id: string, name: string): boolean {
  return id.startsWith(name)
}
