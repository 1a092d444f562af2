/**
 * A collector of traces in sixty lines: takes OTLP over HTTP in its JSON form, and prints a line for each trace. In a company it
 * is Jaeger, Tempo, or the OpenTelemetry Collector.
 */

import { createServer, type Server } from 'node:http'

interface Span {
  readonly traceId: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
}

interface ExportRequest {
  readonly resourceSpans?: readonly {
    readonly scopeSpans?: readonly { readonly spans?: readonly Span[] }[]
  }[]
}

const SERVER = 2
const CLIENT = 3
const BODY_BYTES_MAX = 16 * 1024 * 1024

/** Not listening yet. */
export function collector(print: (line: string) => void): Server {
  return createServer(async (request, response) => {
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes <= BODY_BYTES_MAX) chunks.push(chunk)
    }
    try {
      if (request.url === '/v1/traces') {
        for (const line of linesOf(JSON.parse(Buffer.concat(chunks).toString()))) print(line)
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    } catch {
      response.writeHead(400).end()
    }
  })
}

function linesOf({ resourceSpans = [] }: ExportRequest): string[] {
  const spans = resourceSpans
    .flatMap(({ scopeSpans = [] }) => scopeSpans)
    .flatMap(({ spans: each = [] }) => each)
  const traces = Map.groupBy(spans, ({ traceId }) => traceId)
  return [...traces].map(([traceId, all]) => {
    const [gateway, service] = [SERVER, CLIENT].map((kind) =>
      all.find((span) => span.kind === kind),
    )
    const inside = service === undefined ? '' : `, of it the service ${duration(service)}`
    return `trace ${traceId}: ${gateway?.name ?? '?'} ${gateway === undefined ? '' : duration(gateway)}${inside}`
  })
}

function duration({ startTimeUnixNano, endTimeUnixNano }: Span): string {
  const microseconds = Number((BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1_000n)
  return `${(microseconds / 1_000).toFixed(1)} ms`
}
