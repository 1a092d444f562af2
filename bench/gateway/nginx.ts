/** nginx as a gateway: one worker, keep-alive on both sides; also how any nginx of the bench is started. */
import { join } from 'node:path'
import { writeTemplate } from '../process/template.ts'
import type { Gateway, Place } from './gateway.ts'

export interface NginxOptions {
  readonly name?: string
  /** nginx's default stores a whole request body before it sends the first byte on. */
  readonly requestBuffering?: boolean
}

export function nginx(options: NginxOptions = {}): Gateway {
  return {
    name: options.name ?? 'nginx',
    async launch(place) {
      const configuration = join(place.folder, 'nginx.conf')
      writeTemplate('nginx.conf', configuration, {
        user: nginxUser(),
        folder: place.folder,
        port: place.port,
        originPort: place.originPort,
        tlsListen: tlsListen(place),
        requestBuffering: options.requestBuffering === false ? 'off' : 'on',
      })
      return { command: nginxCommand(place.folder, configuration) }
    },
  }
}

export function nginxCommand(folder: string, configuration: string): readonly string[] {
  return ['nginx', '-e', join(folder, 'error.log'), '-p', folder, '-c', configuration]
}

/** Workers of a root master would run as another user, who may not enter the bench's folder. */
export function nginxUser(): string {
  return process.getuid?.() === 0 ? 'user root;' : ''
}

function tlsListen(place: Place): string {
  if (place.tlsPort === 0) return ''
  return `listen 127.0.0.1:${place.tlsPort} ssl http2 backlog=8192;
    ssl_protocols TLSv1.3;
    ssl_certificate ${place.certificate.certificatePath};
    ssl_certificate_key ${place.certificate.keyPath};`
}
