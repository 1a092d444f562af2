/** Reads what wrk (through our wrk.lua) and h2load print. A run with a failed or refused request is an error. */
import type { Load } from './load.ts'

/** The `RESULT {…}` line of wrk.lua. */
export function parseWrk(output: string): Load {
  const line = /^RESULT (.*)$/m.exec(output)?.[1]
  if (line === undefined) throw new Error(`bench: wrk printed no result: ${output}`)
  const result = JSON.parse(line) as Record<
    'requests' | 'bytes' | 'micros' | 'failed' | 'refused',
    number
  >
  if (result.failed > 0 || result.refused > 0 || result.requests === 0) {
    throw new Error(
      `bench: wrk counted ${result.requests} answers, ${result.refused} with an error status, ` +
        `${result.failed} failed connections or time-outs; a run must have none of these.`,
    )
  }
  return { requests: result.requests, bytes: result.bytes, seconds: result.micros / 1e6 }
}

/** h2load's summary after a run of `seconds`; requests still under way at the end are not failures. */
export function parseH2load(output: string, seconds: number): Load {
  const counts = /^requests: .*, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout/m.exec(
    output,
  )
  const statuses = /^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/m.exec(output)
  const traffic = /^traffic: .*?\((\d+)\) total/m.exec(output)
  if (counts === null || statuses === null || traffic === null) {
    throw new Error(`bench: h2load printed no result: ${output}`)
  }
  const requests = Number(counts[1])
  if (requests === 0 || [...counts.slice(2), ...statuses.slice(2)].some((count) => count !== '0')) {
    throw new Error(`bench: h2load had failures: ${counts[0]}; ${statuses[0]}`)
  }
  return { requests, bytes: Number(traffic[1]), seconds }
}

/** `2342 connections in 3 real seconds, 0 bytes read per connection` */
export function parseSessions(output: string, seconds: number): Load {
  const [, count] = /^(\d+) connections in \d+ real seconds/m.exec(output) ?? []
  if (count === undefined || count === '0') {
    throw new Error(`bench: openssl s_time made no connection: ${output.slice(-300)}`)
  }
  return { requests: Number(count), seconds, bytes: 0 }
}
