/**
 * What a listener answers itself: fixed responses and redirects. The answer is written as an origin would have sent it and
 * read by the same parser, so that nobody behind it sees a difference.
 */

import type { BalancingListener, RuleAction } from '../domain/balancing.ts'
import type { OriginLimits } from '../http/client/origin-request.ts'
import { ResponseHead, ResponseHeadParser } from '../http/message/response-head-parser.ts'
import { RuleError } from './listener-rules.ts'
import type { RequestView } from './request-view.ts'

export interface OwnAnswer {
  readonly head: ResponseHead
  readonly body: Buffer
}
export type Answerer = (request: RequestView) => OwnAnswer

type OwnAction = Exclude<RuleAction, { readonly type: 'forward' }>

/** Throws RuleError where it cannot be sent. */
export function compileAnswer(
  action: OwnAction,
  listener: BalancingListener,
  limits: OriginLimits,
): Answerer {
  if (action.type === 'fixed-response') {
    const body = Buffer.from(action.body)
    const text = `HTTP/1.1 ${action.status} \r\ncontent-type: ${action.contentType}\r\ncontent-length: ${body.length}\r\n\r\n`
    answerOf(text, body, limits)
    return () => answerOf(text, body, limits)
  }
  const location = compileLocation(action.location, listener)
  const write = (request: RequestView) =>
    answerOf(
      `HTTP/1.1 ${action.status} \r\nlocation: ${location(request)}\r\ncontent-length: 0\r\n\r\n`,
      NO_BODY,
      limits,
    )
  return write
}

const NO_BODY = Buffer.alloc(0)

function answerOf(text: string, body: Buffer, limits: OriginLimits): OwnAnswer {
  const parser = new ResponseHeadParser(limits)
  const head = new ResponseHead(limits.headerCount)
  const bytes = Buffer.from(text, 'latin1')
  if (parser.parse(bytes, 0, bytes.length, head) !== bytes.length) {
    throw new RuleError(`the answer of the listener is no response: ${parser.error?.detail ?? ''}`)
  }
  return { head, body }
}

/** `https://#{host}:443/#{path}?#{query}`: what stands in braces is that of the request. */
function compileLocation(
  location: string,
  { protocol, port }: BalancingListener,
): (request: RequestView) => string {
  const pieces = location.split(/(#\{\w+\})/)
  const unknown = pieces.find((piece) => piece.startsWith('#{') && !(piece in PLACES))
  if (unknown !== undefined) throw new RuleError(`${unknown} is nothing that a redirect knows`)
  if (/[^\x21-\x7e]/.test(location)) throw new RuleError(`${location} is no URI`)
  const own: Readonly<Record<string, string>> = {
    '#{protocol}': protocol.toLowerCase(),
    '#{port}': String(port),
  }
  return (request) =>
    pieces
      .map((piece) => own[piece] ?? PLACES[piece]?.(request) ?? piece)
      .join('')
      .replace(/\?$/, '')
}

const PLACES: Readonly<Record<string, (request: RequestView) => string>> = {
  '#{host}': ({ host }) => host,
  '#{path}': ({ path }) => path.slice(1),
  '#{query}': ({ query }) => query,
  '#{protocol}': () => '',
  '#{port}': () => '',
}
