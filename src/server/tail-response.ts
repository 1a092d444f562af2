/**
 * `GET /_postern/tail`: live requests as lines of JSON, without an end.
 *
 * A client that does not read is not waited for: beyond a bound, its lines are counted and left out.
 */

import type { ServerResponse } from 'node:http'
import { ServiceError } from '../aws/service-error.ts'
import type { TailLine } from '../domain/tail-line.ts'
import type { LiveTail, TailFilter } from './live-tail.ts'

const UNREAD_BYTES_MAX = 1_048_576
/** An empty line now and then shows both sides that the other is still there. */
const HEARTBEAT_MS = 15_000
const STATUS = /^(?:[1-5]xx|[1-5]\d\d)$/
const PARAMETERS = ['api', 'route', 'status']

/** `target` is that of the request: `/_postern/tail?api=…&route=…&status=404,5xx`. Throws a ServiceError. */
export function sendTail(tail: LiveTail, target: string, response: ServerResponse): void {
  const filter = filterOf(target)
  if (tail.isFull) {
    throw new ServiceError('TooManyRequestsException', 'Too many watch already. End one of them.')
  }
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
  response.flushHeaders()
  let unseen = 0
  const stop = tail.watch(filter, (lines, omitted) => {
    unseen += omitted
    if (response.writableLength > UNREAD_BYTES_MAX) {
      unseen += lines.length
      return
    }
    response.write(textOf(lines, unseen))
    unseen = 0
  })
  const heartbeat = setInterval(() => response.write('\n'), HEARTBEAT_MS)
  response.once('close', () => {
    clearInterval(heartbeat)
    stop()
  })
}

function textOf(lines: readonly TailLine[], omitted: number): string {
  const all: object[] = omitted === 0 ? [...lines] : [...lines, { omitted }]
  return all.map((line) => `${JSON.stringify(line)}\n`).join('')
}

function filterOf(target: string): TailFilter {
  const query = new URL(target, 'http://localhost').searchParams
  for (const name of query.keys()) {
    if (PARAMETERS.includes(name) || name.toLowerCase().startsWith('x-amz-')) continue
    throw bad(`There is no parameter ${name}; there are ${PARAMETERS.join(', ')}.`)
  }
  const [apiId, routeKey, status] = PARAMETERS.map((name) => query.get(name) ?? undefined)
  const statuses = status?.split(',')
  const wrong = statuses?.find((each) => !STATUS.test(each))
  if (wrong !== undefined) throw bad(`${wrong} is no status. Write 404, 5xx, or 404,5xx.`)
  return {
    ...(apiId === undefined ? {} : { apiId }),
    ...(routeKey === undefined ? {} : { routeKey }),
    ...(statuses === undefined ? {} : { statuses }),
  }
}

function bad(message: string): ServiceError {
  return new ServiceError('BadRequestException', message)
}
