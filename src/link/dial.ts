/** Dials the link port of a gateway with the agent's certificate (TLS 1.3, both sides verified). */

import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { LINK_PROTOCOL, LINK_SERVER_NAME } from '../domain/link-enrolment.ts'
import type { RunningLinkAgent } from './agent.ts'
import type { GatewayAddress, LinkIdentity } from './contract.ts'
import type { Dial } from './gateway-dialler.ts'
import { TlsTransport } from './tls-transport.ts'

const HANDSHAKE_TIMEOUT_MS = 10_000

/** What every connection to a link port has in common. */
export function linkConnection(
  { host, port }: GatewayAddress,
  protocol: string,
): ConnectionOptions {
  return {
    host,
    port,
    servername: LINK_SERVER_NAME,
    minVersion: 'TLSv1.3',
    ALPNProtocols: [protocol],
  }
}

/** With the identity of an agent, and the authority that it knows. */
export function identified({
  certificate,
  privateKey,
  authority,
}: LinkIdentity): ConnectionOptions {
  return { cert: certificate, key: privateKey, ca: authority }
}

export function dialGateway(agent: RunningLinkAgent): Dial {
  return (gateway, dialler) => {
    const socket: TLSSocket = connect({
      ...linkConnection(gateway, LINK_PROTOCOL),
      ...identified(agent.identity),
    })
    let detail = 'the connection was closed'
    const failed = (): void => dialler.failed(detail)
    const onError = (error: Error): void => {
      detail = error.message
    }
    socket.setTimeout(HANDSHAKE_TIMEOUT_MS, () => socket.destroy(new Error('no handshake in time')))
    socket.on('error', onError)
    socket.on('close', failed)
    socket.on('secureConnect', () => {
      socket.off('close', failed)
      socket.off('error', onError)
      socket.setTimeout(0)
      const transport = new TlsTransport(socket)
      transport.attach(agent.opened(transport, dialler).transportListener)
    })
  }
}
