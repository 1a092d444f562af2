/**
 * Fastify with @fastify/http-proxy as a bare reverse proxy, its own connection pool, no log.
 * Started by the bench: `node fastify.js PORT ORIGIN_PORT`.
 */
import proxy from '@fastify/http-proxy'
import Fastify from 'fastify'

const [port, originPort] = process.argv.slice(2).map(Number)
const server = Fastify({ logger: false, keepAliveTimeout: 300_000 })
await server.register(proxy, {
  upstream: `http://127.0.0.1:${originPort}`,
  undici: { connections: 256, pipelining: 1 },
})
await server.listen({ host: '127.0.0.1', port, backlog: 4096 })
