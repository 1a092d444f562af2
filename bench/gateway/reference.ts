/**
 * The gateways of the reference request (`rows/reference-request.ts`): Postern, HAProxy and Fastify, each configured to
 * do all of it. Each writes its access log to `access.log` in its own folder.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench } from '../bench.ts'
import { writeTemplate } from '../process/template.ts'
import { AUDIENCE, type Issuer, SCOPE } from '../reference/issuer.ts'
import type { Gateway } from './gateway.ts'
import { accessLogPath, type PosternOptions, postern } from './postern.ts'
import { referenceDefinition } from './reference-definition.ts'

export interface ReferenceWork {
  readonly issuer: Pick<Issuer, 'url' | 'publicKeyPath'>
  /** What one client may ask for in ten seconds. */
  readonly requestsPerTenSeconds: number
}

export function referencePostern(work: ReferenceWork, options: PosternOptions = {}): Gateway {
  return postern({
    accessLog: 'json',
    definition: ({ originPort }) =>
      referenceDefinition({
        originPort,
        issuer: work.issuer.url,
        addsHeaders: true,
        requestsPerTenSeconds: work.requestsPerTenSeconds,
      }),
    ...options,
  })
}

/** Spans go over OTLP to the upload sink, which takes what is sent, and says yes. */
export function traced({ origin }: Pick<Bench, 'origin'>, mode: string): PosternOptions {
  const collector = `http://127.0.0.1:${origin.uploadPort}`
  return { flags: ['--trace', mode, '--otlp-endpoint', collector] }
}

export function referenceHaproxy(work: ReferenceWork): Gateway {
  return {
    name: 'haproxy',
    async launch({ folder, port, originPort }) {
      const configuration = join(folder, 'haproxy.cfg')
      writeTemplate('haproxy-reference.cfg', configuration, { ...plain(work), port, originPort })
      // It logs to its standard output, which costs it less than a socket and a second process.
      const script = 'exec haproxy -db -f "$0" >> "$1"'
      return { command: ['sh', '-c', script, configuration, accessLogPath(folder)] }
    },
  }
}

export function referenceFastify(work: ReferenceWork): Gateway {
  const script = fileURLToPath(new URL('../peers/fastify-reference.js', import.meta.url))
  return {
    name: 'fastify',
    async launch({ folder, port, originPort }) {
      const own = { ...plain(work), port, originPort, logPath: accessLogPath(folder) }
      const command = [process.execPath, '--no-deprecation', script, JSON.stringify(own)]
      return { command, environment: { NODE_ENV: 'production' } }
    },
  }
}

/** The work as templates and scripts take it. */
function plain({ issuer, requestsPerTenSeconds }: ReferenceWork) {
  return {
    issuer: issuer.url,
    publicKeyPath: issuer.publicKeyPath,
    audience: AUDIENCE,
    scope: SCOPE,
    requestsPerTenSeconds,
  }
}
