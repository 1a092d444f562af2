/**
 * What RFC 9113 says about wrong frames, as a table: the sections that h2spec checks.
 *
 * Each case is what a client sends once settings have been exchanged; cases with the same fate stand together.
 */

import {
  ACK,
  block,
  CODE,
  CONTINUATION,
  DATA,
  data,
  END_HEADERS,
  END_STREAM,
  type Field,
  frame,
  GOAWAY,
  HEADERS,
  headers,
  PADDED,
  PING,
  PRIORITY,
  PUSH_PROMISE,
  RST_STREAM,
  request,
  resetStream,
  SETTINGS,
  settings,
  uint32,
  WINDOW_UPDATE,
  windowUpdate,
} from './h2-frames.ts'

/** Cases with the same fate. */
export interface Fate {
  /** What becomes of stream 1. */
  readonly outcome: string
  /** How many requests reach the handler. */
  readonly requests: number
  /** Frames by section and sentence. */
  readonly cases: Readonly<Record<string, readonly Buffer[]>>
}

export const goaway = (code: number): string => `closed ${code}`
export const reset = (code: number): string => `reset ${code}`

const zeros = (count: number): Buffer => Buffer.alloc(count)
const post = request([':method', 'POST'])
const without = (name: string): Field[] => request().filter(([given]) => given !== name)
const whole = END_STREAM | END_HEADERS

const { PROTOCOL_ERROR, FLOW_CONTROL_ERROR, STREAM_CLOSED, FRAME_SIZE_ERROR } = CODE
const { COMPRESSION_ERROR, ENHANCE_YOUR_CALM } = CODE

export const FATES: readonly Fate[] = [
  {
    outcome: 'status 200',
    requests: 1,
    cases: {
      '4.1: an unknown frame type is ignored': [frame(0x16, 0, 0, zeros(8)), headers(1, request())],
      '4.1: undefined flags are ignored': [frame(PING, 0x16, 0, zeros(8)), headers(1, request())],
      '4.1: the reserved bit is ignored': [
        frame(PING, 0, 0x80000000, zeros(8)),
        headers(1, request()),
      ],
      '6.5.2: an unknown setting is ignored': [settings([0xff, 1]), headers(1, request())],
      '6.10: a block in three frames': [
        frame(HEADERS, END_STREAM, 1, block(request())),
        frame(CONTINUATION, 0, 1, block([['a', 'b']])),
        frame(CONTINUATION, END_HEADERS, 1, block([['c', 'd']])),
      ],
      '8.1: trailers': [headers(1, post, 0), data(1, 'x'), headers(1, [['x', 'y']])],
    },
  },
  {
    outcome: 'status 400',
    requests: 0,
    cases: {
      '8.2.1: a value with outer space': [headers(1, request(['x', ' b']))],
      '8.3.1: a host that is not :authority': [headers(1, request(['host', 'other']))],
      '8.3.1: plain http': [headers(1, request([':scheme', 'http']))],
      '8.5: CONNECT': [
        headers(1, [
          [':method', 'CONNECT'],
          [':authority', 'localhost'],
        ]),
      ],
    },
  },
  {
    outcome: 'status 414',
    requests: 0,
    cases: {
      '10.5.1: a path beyond ours': [headers(1, request([':path', `/${'a'.repeat(11_000)}`]))],
    },
  },
  {
    outcome: 'status 431',
    requests: 0,
    cases: {
      '10.5.1: a header list beyond ours': [headers(1, request(['x', 'a'.repeat(11_000)]))],
      '10.5.1: more fields than allowed': [
        headers(1, request(...Array.from({ length: 101 }, (_, i): Field => [`x${i}`, 'y']))),
      ],
      '10.5.1: more pieces of a cookie than fields are allowed': [
        headers(1, request(...Array.from({ length: 101 }, (): Field => ['cookie', 'a=b']))),
      ],
    },
  },
  {
    outcome: goaway(COMPRESSION_ERROR),
    requests: 0,
    cases: {
      '4.3: a block that cannot be decoded': [frame(HEADERS, whole, 1, Buffer.alloc(6, 0xff))],
    },
  },
  {
    outcome: goaway(ENHANCE_YOUR_CALM),
    requests: 0,
    cases: {
      '6.5: SETTINGS with hundreds of entries': [
        settings(...Array.from({ length: 200 }, (_, i) => [0xff, i] as const)),
      ],
    },
  },
  {
    outcome: goaway(FLOW_CONTROL_ERROR),
    requests: 0,
    cases: {
      '6.5.2: INITIAL_WINDOW_SIZE beyond 2^31': [settings([4, 0x80000000])],
      '6.9.1: a connection window beyond 2^31': [
        windowUpdate(0, 0x7fffffff),
        windowUpdate(0, 0x7fffffff),
      ],
    },
  },
  {
    outcome: goaway(FLOW_CONTROL_ERROR),
    requests: 1,
    cases: {
      '6.9.1: a stream window beyond 2^31': [
        headers(1, post, 0),
        windowUpdate(1, 0x7fffffff),
        windowUpdate(1, 0x7fffffff),
      ],
      '6.9.2: a setting that lifts a window beyond 2^31': [
        headers(1, post, 0),
        windowUpdate(1, 0x7fff0000),
        settings([4, 0x7fffffff]),
      ],
    },
  },
  {
    outcome: goaway(FRAME_SIZE_ERROR),
    requests: 0,
    cases: {
      '4.2: HEADERS beyond the frame size': [frame(HEADERS, whole, 1, zeros(16_385))],
      '6.3: PRIORITY of a wrong length': [frame(PRIORITY, 0, 1, zeros(4))],
      '6.5: a SETTINGS acknowledgement with content': [frame(SETTINGS, ACK, 0, zeros(6))],
      '6.5: SETTINGS of a wrong length': [frame(SETTINGS, 0, 0, zeros(3))],
      '6.7: PING of a wrong length': [frame(PING, 0, 0, zeros(6))],
      '6.9: WINDOW_UPDATE of a wrong length': [frame(WINDOW_UPDATE, 0, 0, zeros(3))],
    },
  },
  {
    outcome: goaway(FRAME_SIZE_ERROR),
    requests: 1,
    cases: {
      '4.2: DATA beyond the frame size': [headers(1, post, 0), frame(DATA, 0, 1, zeros(16_385))],
      '6.4: RST_STREAM of a wrong length': [headers(1, post, 0), frame(RST_STREAM, 0, 1, zeros(3))],
    },
  },
  {
    outcome: goaway(PROTOCOL_ERROR),
    requests: 0,
    cases: {
      '4.3: PRIORITY inside a block': [
        frame(HEADERS, 0, 1, block(request())),
        frame(PRIORITY, 0, 1, zeros(5)),
      ],
      '4.3: another stream inside a block': [
        frame(HEADERS, 0, 1, block(request())),
        headers(3, request()),
      ],
      '5.1: idle: DATA': [data(1, 'x', END_STREAM)],
      '5.1: idle: RST_STREAM': [resetStream(1)],
      '5.1: idle: WINDOW_UPDATE': [windowUpdate(1, 100)],
      '5.1: idle: CONTINUATION': [frame(CONTINUATION, END_HEADERS, 1, block(request()))],
      '5.1.1: an even stream id': [headers(2, request())],
      '5.3.1: HEADERS that depend on themselves': [
        frame(
          HEADERS,
          whole | 0x20,
          1,
          Buffer.concat([uint32(1), Buffer.from([1]), block(request())]),
        ),
      ],
      '6.1: DATA on stream 0': [frame(DATA, END_STREAM, 0, zeros(1))],
      '6.2: HEADERS on stream 0': [frame(HEADERS, whole, 0, block(request()))],
      '6.2: HEADERS with more padding than frame': [
        frame(HEADERS, whole | PADDED, 1, Buffer.concat([Buffer.from([250]), block(request())])),
      ],
      '6.4: RST_STREAM on stream 0': [resetStream(0)],
      '6.5: SETTINGS on a stream': [frame(SETTINGS, 0, 1, zeros(6))],
      '6.5.2: ENABLE_PUSH that is no truth value': [settings([2, 2])],
      '6.5.2: MAX_FRAME_SIZE too small': [settings([5, 16_383])],
      '6.5.2: MAX_FRAME_SIZE too large': [settings([5, 16_777_216])],
      '6.7: PING on a stream': [frame(PING, 0, 1, zeros(8))],
      '6.8: GOAWAY on a stream': [frame(GOAWAY, 0, 1, zeros(8))],
      '6.9: WINDOW_UPDATE of nothing, connection': [windowUpdate(0, 0)],
      '6.10: CONTINUATION on stream 0': [
        frame(HEADERS, END_STREAM, 1, block(request())),
        frame(CONTINUATION, END_HEADERS, 0, block([['a', 'b']])),
      ],
      '6.10: CONTINUATION of another stream': [
        frame(HEADERS, END_STREAM, 1, block(request())),
        frame(CONTINUATION, END_HEADERS, 3, block([['a', 'b']])),
      ],
      '6.10: DATA in the place of CONTINUATION': [frame(HEADERS, 0, 1, block(post)), data(1, 'x')],
    },
  },
  {
    outcome: goaway(PROTOCOL_ERROR),
    requests: 1,
    cases: {
      '6.1: DATA with more padding than frame': [
        headers(1, post, 0),
        frame(DATA, PADDED, 1, Buffer.from([5, 0])),
      ],
      '6.6: PUSH_PROMISE from a client': [
        headers(1, post, 0),
        frame(PUSH_PROMISE, END_HEADERS, 1, Buffer.concat([uint32(2), block(request())])),
      ],
      '6.9: WINDOW_UPDATE of nothing, stream': [headers(1, post, 0), windowUpdate(1, 0)],
    },
  },
  {
    outcome: goaway(STREAM_CLOSED),
    requests: 1,
    cases: {
      '5.1: half closed: DATA': [headers(1, request()), data(1, 'x', END_STREAM)],
    },
  },
  {
    outcome: reset(ENHANCE_YOUR_CALM),
    requests: 0,
    cases: {
      '10.5.1: a header list far beyond ours': [
        frame(HEADERS, END_STREAM, 1, block(request(['x', 'a'.repeat(16_000)]))),
        frame(CONTINUATION, END_HEADERS, 1, block([['y', 'a'.repeat(16_000)]])),
      ],
    },
  },
  {
    outcome: reset(PROTOCOL_ERROR),
    requests: 0,
    cases: {
      '8.1.1: two content-lengths': [
        headers(1, [...post, ['content-length', '1'], ['content-length', '1']], 0),
        data(1, 'a', END_STREAM),
      ],
      '8.2.1: an upper-case name': [headers(1, request(['X-A', 'b']))],
      '8.2.2: connection': [headers(1, request(['connection', 'close']))],
      '8.2.2: transfer-encoding': [headers(1, request(['transfer-encoding', 'chunked']))],
      '8.2.2: upgrade': [headers(1, request(['upgrade', 'h2c']))],
      '8.2.2: te other than trailers': [headers(1, request(['te', 'gzip']))],
      '8.3: an unknown pseudo-header': [headers(1, [[':what', 'x'], ...request()])],
      '8.3: a response pseudo-header': [headers(1, [[':status', '200'], ...request()])],
      '8.3: a pseudo-header behind fields': [headers(1, [['a', 'b'], ...request()])],
      '8.3.1: no :method': [headers(1, without(':method'))],
      '8.3.1: no :scheme': [headers(1, without(':scheme'))],
      '8.3.1: no :path': [headers(1, without(':path'))],
      '8.3.1: no :authority and no host': [headers(1, without(':authority'))],
      '8.3.1: an empty :path': [headers(1, request([':path', '']))],
      '8.3.1: a repeated :path': [headers(1, [...request(), [':path', '/x']])],
      '8.3.1: a path with a line end': [headers(1, request([':path', '/a\r\nx: y']))],
      '8.3.1: a method with a space': [headers(1, request([':method', 'GET / HTTP/1.1']))],
      '8.3.1: user information in :authority': [
        headers(1, request([':authority', 'me@localhost'])),
      ],
      '8.5: extended CONNECT': [
        headers(1, [[':protocol', 'websocket'], ...request([':method', 'CONNECT'])]),
      ],
    },
  },
  {
    outcome: reset(PROTOCOL_ERROR),
    requests: 1,
    cases: {
      '8.1: trailers without END_STREAM': [headers(1, post, 0), headers(1, [['x', 'y']], 0)],
      '8.1: pseudo-header in trailers': [headers(1, post, 0), headers(1, [[':method', 'GET']])],
      '8.1.1: more than content-length': [
        headers(1, request([':method', 'POST'], ['content-length', '1']), 0),
        data(1, 'ab', END_STREAM),
      ],
      '8.1.1: less than content-length': [
        headers(1, request([':method', 'POST'], ['content-length', '3']), 0),
        data(1, 'ab', END_STREAM),
      ],
    },
  },
]
