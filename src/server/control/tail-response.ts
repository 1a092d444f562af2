/**
 * `GET /_postern/tail`: live requests as lines of JSON, without an end.
 *
 * A client that does not read is not waited for: beyond a bound, its lines are counted and left out. It ends with the key
 * that has asked for it.
 */

import type { ServerResponse } from 'node:http'
import { ServiceError } from '../../aws/service-error.ts'
import type { TailLine } from '../../domain/tail-line.ts'
import type { Caller } from '../../services/service.ts'
import type { LiveTail, TailFilter } from './live-tail.ts'

const UNREAD_BYTES_MAX = 1_048_576
/** An empty line now and then shows both sides that the other is still there. */
const HEARTBEAT_MS = 15_000
const STATUS = /^(?:[1-5]xx|[1-5]\d\d)$/
const PARAMETERS = ['api', 'route', 'status']

export interface TailRequest {
  /** `/_postern/tail?api=…&route=…&status=404,5xx` */
  readonly target: string
  readonly caller: Pick<Caller, 'accountId' | 'readOnly'>
  /** False: the key is gone that asked for it. */
  readonly isAllowed: () => boolean
}

/** Throws a ServiceError. */
export function sendTail(tail: LiveTail, request: TailRequest, response: ServerResponse): void {
  const filter = { ...filterOf(request.target), ...accountOf(request.caller) }
  if (tail.isFull) {
    throw new ServiceError('TooManyRequestsException', 'Too many watch already. End one of them.')
  }
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
  response.flushHeaders()
  let unseen = 0
  const stop = tail.watch(filter, (lines, omitted) => {
    if (!request.isAllowed()) {
      response.end()
      return
    }
    unseen += omitted
    if (response.writableLength > UNREAD_BYTES_MAX) {
      unseen += lines.length
      return
    }
    response.write(textOf(lines, unseen))
    unseen = 0
  })
  const heartbeat = setInterval(() => {
    if (request.isAllowed()) response.write('\n')
    else response.end()
  }, HEARTBEAT_MS)
  response.once('close', () => {
    clearInterval(heartbeat)
    stop()
  })
}

/** A key that may write could make itself one for any account; one that may not sees what is its own. */
function accountOf({ accountId, readOnly }: TailRequest['caller']): TailFilter {
  return readOnly ? { accountId } : {}
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
