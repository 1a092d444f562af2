/**
 * The npm package http-proxy on node:http as a bare reverse proxy, keep-alive on both sides, no log.
 * Started by the bench: `node http-proxy.js PORT ORIGIN_PORT`.
 */
import http from 'node:http'
import httpProxy from 'http-proxy'

const [port, originPort] = process.argv.slice(2).map(Number)
const proxy = httpProxy.createProxyServer({
  target: `http://127.0.0.1:${originPort}`,
  agent: new http.Agent({ keepAlive: true, maxSockets: 256 }),
})
proxy.on('error', (error, _request, response) => {
  response.statusCode = 502
  response.end(error.message)
})
const server = http.createServer((request, response) => proxy.web(request, response))
server.keepAliveTimeout = 300_000
server.listen(port, '127.0.0.1', 4096)
