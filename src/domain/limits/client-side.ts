/** Limits of the HTTP server: requests, their bodies and the connections of clients. Rows of the table in `domain/limits.ts`. */

import type { LimitRows } from './limit.ts'

export const CLIENT_SIDE_LIMITS = {
  requestHeadBytes: {
    unit: 'bytes',
    aws: 10_240,
    extended: 10_240,
    beyond: '431, or 414 when the request line alone is longer; connection closed',
    description: 'Request line and header fields together (AWS: 10 240).',
  },
  requestHeaderCount: {
    unit: 'count',
    aws: 100,
    extended: 100,
    beyond: '431; connection closed',
    description: 'Header fields of one request.',
  },
  requestBodyBytes: {
    unit: 'bytes',
    aws: 10_485_760,
    extended: 10_485_760,
    beyond:
      '413 before the body is read when its length is declared, else when the limit is crossed',
    description: 'Request body (AWS: 10 MB).',
  },
  responseBodyBytes: {
    unit: 'bytes',
    aws: 10_485_760,
    extended: Number.MAX_SAFE_INTEGER,
    beyond: '503 when the length is declared or the body is buffered; a streamed response is cut',
    description: 'Response body (AWS: 10 MB; extended: streamed without limit).',
  },
  bufferedBodyBytes: {
    unit: 'bytes',
    aws: 10_485_760,
    extended: 10_485_760,
    beyond: '413 for requests, 503 for responses',
    description: 'A body that a parameter mapping reads and that is therefore held in memory.',
  },
  responseHeadBytes: {
    unit: 'bytes',
    aws: 32_768,
    extended: 32_768,
    beyond: '503',
    description: "Status line and header fields of an integration's response.",
  },
  chunkHeadBytes: {
    unit: 'bytes',
    aws: 1_024,
    extended: 1_024,
    beyond: '400; connection closed',
    description: 'One chunk-size line with its extensions.',
  },
  chunkExtensionBytes: {
    unit: 'bytes',
    aws: 16_384,
    extended: 16_384,
    beyond: '400; connection closed',
    description: 'All chunk extensions of one body together.',
  },
  trailerBytes: {
    unit: 'bytes',
    aws: 8_192,
    extended: 8_192,
    beyond: '400; connection closed',
    description: 'The trailer section of one body.',
  },
  headTimeoutMs: {
    unit: 'ms',
    aws: 10_000,
    extended: 10_000,
    beyond: '408; connection closed',
    description: 'From the first byte of a request to the end of its head.',
  },
  bodyTimeoutMs: {
    unit: 'ms',
    aws: 30_000,
    extended: 30_000,
    beyond: '408; connection closed',
    description: 'Between two reads of a request body.',
  },
  bodyBytesPerSecondMin: {
    unit: 'bytes',
    aws: 64,
    extended: 64,
    beyond: '408; connection closed',
    description:
      'Average rate below which a request body counts as stalled, after the first body timeout.',
  },
  writeTimeoutMs: {
    unit: 'ms',
    aws: 30_000,
    extended: 30_000,
    beyond: 'connection closed',
    description: 'A response that the client does not read at all.',
  },
  keepAliveTimeoutMs: {
    unit: 'ms',
    aws: 75_000,
    extended: 75_000,
    beyond: 'connection closed',
    description: 'An idle client connection between two requests.',
  },
  halfClosedTimeoutMs: {
    unit: 'ms',
    aws: 10_000,
    extended: 10_000,
    beyond: 'taken for gone: the integration request is given up, the connection closed',
    description:
      'A client that has closed its sending side and takes nothing: it may wait for its answer, or be gone.',
  },
  clientConnections: {
    unit: 'count',
    aws: 50_000,
    extended: 50_000,
    beyond: '503 and the connection is closed',
    description: 'Open client connections of one worker.',
  },
} as const satisfies LimitRows
