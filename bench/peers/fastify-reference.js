/**
 * Fastify doing all of the reference request with its own plugins: tokens (verdicts cached), a rate for each client, a
 * JSON line for each request by pino in the background, another path and two headers for the origin.
 * Started by the bench: `node fastify-reference.js WORK-AS-JSON`.
 */
import { readFileSync } from 'node:fs'
import proxy from '@fastify/http-proxy'
import jwt from '@fastify/jwt'
import rateLimit from '@fastify/rate-limit'
import Fastify from 'fastify'
import pino from 'pino'

const work = JSON.parse(process.argv[2])
const lines = pino.destination({
  dest: work.logPath,
  sync: false,
  minLength: 8_192,
  periodicFlush: 100,
})
const server = Fastify({
  loggerInstance: pino({ base: null }, lines),
  disableRequestLogging: true,
  keepAliveTimeout: 300_000,
})

await server.register(jwt, {
  secret: { public: readFileSync(work.publicKeyPath, 'utf8') },
  verify: {
    algorithms: ['RS256'],
    allowedIss: work.issuer,
    allowedAud: work.audience,
    requiredClaims: ['exp'],
    cache: 1_000,
  },
})
await server.register(rateLimit, {
  hook: 'preHandler',
  max: work.requestsPerTenSeconds,
  timeWindow: 10_000,
  keyGenerator: (request) => request.user.sub,
  addHeadersOnExceeding: {},
  addHeaders: {},
})

server.addHook('onRequest', async (request, reply) => {
  await request.jwtVerify()
  if (!request.user.scope.split(' ').includes(work.scope)) {
    return reply.code(403).send({ message: 'Forbidden' })
  }
})
server.addHook('onResponse', (request, reply, done) => {
  const { ip, method, url, id, headers } = request
  const { statusCode, elapsedTime } = reply
  const userAgent = headers['user-agent']
  request.log.info({ id, ip, method, url, status: statusCode, latency: elapsedTime, userAgent })
  done()
})
await server.register(proxy, {
  prefix: '/api',
  rewritePrefix: '/private',
  upstream: `http://127.0.0.1:${work.originPort}`,
  undici: { connections: 256, pipelining: 1 },
  replyOptions: {
    rewriteRequestHeaders: (request, headers) => ({
      ...headers,
      'x-client': request.user.sub,
      'x-gateway': 'bench',
    }),
  },
})
await server.listen({ host: '127.0.0.1', port: work.port, backlog: 4096 })
