/**
 * Where the targets of a group come from when nobody registers them, as an attribute of the group names it.
 *
 * `dns:A:name:port`, `dns:AAAA:name:port`, `dns:SRV:name`, `kubernetes:namespace/service:port`, where the port of
 * Kubernetes is a number or the name that the EndpointSlice gives it.
 */

export type DiscoverySource =
  | {
      readonly kind: 'dns'
      readonly type: 'A' | 'AAAA'
      readonly name: string
      readonly port: number
    }
  | { readonly kind: 'dns'; readonly type: 'SRV'; readonly name: string }
  | {
      readonly kind: 'kubernetes'
      readonly namespace: string
      readonly service: string
      readonly port: number | string
    }

/** RFC 1123, with the underscores of SRV names (RFC 2782). */
const NAME =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i
/** Of an object in Kubernetes, and of a port. */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

const FORMS =
  'dns:A:name:port, dns:AAAA:name:port, dns:SRV:name or kubernetes:namespace/service:port'

/** What is wrong with it as a sentence, or the source. */
export function parseDiscoverySource(text: string): DiscoverySource | string {
  const [scheme, ...parts] = text.split(':')
  const source =
    scheme === 'dns' ? dns(parts) : scheme === 'kubernetes' ? kubernetes(parts) : undefined
  return source ?? `it is ${FORMS}`
}

function dns([type, name = '', port, ...rest]: readonly string[]): DiscoverySource | undefined {
  if (!NAME.test(name) || rest.length > 0) return undefined
  if (type === 'SRV') return port === undefined ? { kind: 'dns', type, name } : undefined
  const number = portNumber(port)
  if ((type !== 'A' && type !== 'AAAA') || number === undefined) return undefined
  return { kind: 'dns', type, name, port: number }
}

function kubernetes([object = '', port = '', ...rest]: readonly string[]) {
  const [namespace = '', service = '', ...more] = object.split('/')
  if (!LABEL.test(namespace) || !LABEL.test(service)) return undefined
  if (more.length > 0 || rest.length > 0) return undefined
  const number = portNumber(port)
  if (number === undefined && (!LABEL.test(port) || /^\d+$/.test(port))) return undefined
  return { kind: 'kubernetes', namespace, service, port: number ?? port } as const
}

function portNumber(text = ''): number | undefined {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return number >= 1 && number <= 65_535 ? number : undefined
}
