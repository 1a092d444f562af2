/** The gateway's side of enrolment and renewal: one line of JSON each way, over the link port (`docs/link-protocol.md`). */

import type { TLSSocket } from 'node:tls'
import type { EnrolRequest, IssuedIdentity } from '../domain/link-enrolment.ts'
import { parseAgentName, parseLinkToken } from '../domain/link-token.ts'
import type { LinkHubOptions } from './contract.ts'
import type { AgentCredentials } from './hub-connection.ts'

const LINE_BYTES_MAX = 16_384
const TIMEOUT_MS = 10_000

/** What the verified certificate of a connection says; undefined without one. */
export function credentialsOf(socket: TLSSocket): AgentCredentials | undefined {
  if (!socket.authorized) return undefined
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return undefined
  const commonName = /(?:^|\n)CN=(.*)/.exec(certificate.subject)?.[1] ?? ''
  const name = parseAgentName(commonName)
  if (name === undefined) return undefined
  return {
    ...name,
    serialNumber: certificate.serialNumber,
    notAfterEpochMs: certificate.validToDate.getTime(),
    remoteAddress: socket.remoteAddress ?? '',
  }
}

/** Reads the line, asks the issuer, answers, closes. `refusal`: why an agent that has a certificate may not renew it. */
export function answerEnrolment(
  socket: TLSSocket,
  { issuer }: LinkHubOptions,
  refusal: (credentials: AgentCredentials) => string | undefined,
): void {
  const credentials = credentialsOf(socket)
  let line = ''
  let asked = false
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('data', (bytes: Buffer) => {
    line += bytes.toString('latin1', 0, bytes.length)
    const end = line.indexOf('\n')
    if (line.length > LINE_BYTES_MAX || asked) socket.destroy()
    else if (end !== -1) {
      asked = true
      answer(line.slice(0, end)).then(
        (identity) => socket.end(`${JSON.stringify(identity)}\n`),
        (error: unknown) => {
          const words = error instanceof Error ? error.message : 'refused'
          socket.end(`${JSON.stringify({ error: words })}\n`)
        },
      )
    }
  })

  async function answer(text: string): Promise<IssuedIdentity> {
    const { token, signingRequest, label } = readLine(text)
    if (token !== undefined) return await issuer.enrol({ ...token, signingRequest, label })
    if (credentials === undefined) throw new Error('neither a token nor a certificate')
    const refused = refusal(credentials)
    if (refused !== undefined) throw new Error(refused)
    const { agentId, vpcLinkId, serialNumber } = credentials
    return await issuer.renew({ agentId, vpcLinkId, serialNumber, signingRequest })
  }
}

interface Line {
  readonly token: Pick<EnrolRequest, 'vpcLinkId' | 'secret'> | undefined
  readonly signingRequest: string
  readonly label: string
}

function readLine(text: string): Line {
  let said: Record<string, unknown>
  try {
    said = JSON.parse(text) as Record<string, unknown>
  } catch {
    throw new Error('the line is not JSON')
  }
  const { token, signingRequest, label } = said
  if (typeof signingRequest !== 'string') throw new Error('no signing request')
  const name = typeof label === 'string' && /^[\w.-]{0,64}$/.test(label) ? label : ''
  if (token === undefined) return { token, signingRequest, label: name }
  const parsed = typeof token === 'string' ? parseLinkToken(token) : undefined
  if (parsed === undefined) throw new Error('that is no token')
  const { vpcLinkId, secret } = parsed
  return { token: { vpcLinkId, secret }, signingRequest, label: name }
}
