/** The peers besides nginx, each as a bare reverse proxy on one core: HAProxy, Caddy, and two Node proxies. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeTemplate } from '../process/template.ts'
import type { Gateway } from './gateway.ts'

export const haproxy: Gateway = {
  name: 'haproxy',
  async launch({ folder, port, originPort }) {
    const configuration = join(folder, 'haproxy.cfg')
    writeTemplate('haproxy.cfg', configuration, { port, originPort })
    return { command: ['haproxy', '-db', '-f', configuration] }
  },
}

export const caddy: Gateway = {
  name: 'caddy',
  async launch({ folder, port, originPort }) {
    const configuration = join(folder, 'Caddyfile')
    writeTemplate('Caddyfile', configuration, { port, originPort })
    return {
      command: ['caddy', 'run', '--adapter', 'caddyfile', '--config', configuration],
      environment: {
        GOMAXPROCS: '1',
        HOME: folder,
        XDG_DATA_HOME: folder,
        XDG_CONFIG_HOME: folder,
      },
    }
  },
}

export const fastify = nodePeer('fastify', 'fastify.js')
export const httpProxy = nodePeer('http-proxy', 'http-proxy.js')

function nodePeer(name: string, file: string): Gateway {
  const script = fileURLToPath(new URL(`../peers/${file}`, import.meta.url))
  return {
    name,
    async launch({ port, originPort }) {
      const command = [
        process.execPath,
        '--no-deprecation',
        script,
        String(port),
        String(originPort),
      ]
      return { command, environment: { NODE_ENV: 'production' } }
    },
  }
}
