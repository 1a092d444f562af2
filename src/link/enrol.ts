/**
 * How an agent gets its certificate: by a token the first time, by the certificate that it has from then on.
 *
 * The gateway is known before anything is said to it: by the fingerprint in the token, then by the authority itself.
 */

import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { type ConnectionOptions, connect } from 'node:tls'
import { ENROL_PROTOCOL, type IssuedIdentity, LINK_VERSION } from '../domain/link-enrolment.ts'
import { parseLinkToken } from '../domain/link-token.ts'
import type { GatewayAddress, LinkAgentOptions, LinkIdentity } from './contract.ts'
import { identified, linkConnection } from './dial.ts'

const TIMEOUT_MS = 10_000
const LINE_BYTES_MAX = 65_536
/** Certificates that a chain is followed for. */
const CHAIN_MAX = 5

export type EnrolmentWay = Pick<LinkAgentOptions, 'makeSigningRequest' | 'label'> & {
  readonly gateway: GatewayAddress
}

/** Uses up the token. Rejects with an Error in words. */
export async function enrolAgent(way: EnrolmentWay, tokenText: string): Promise<LinkIdentity> {
  const token = parseLinkToken(tokenText)
  if (token === undefined) throw new Error('that is no enrolment token')
  const authority = await findAuthority(way.gateway, token.authorityFingerprint)
  return await ask(way, { ca: authority }, { token: tokenText.trim() })
}

export async function renewIdentity(
  way: EnrolmentWay,
  identity: LinkIdentity,
): Promise<LinkIdentity> {
  return await ask(way, identified(identity), {})
}

/**
 * PEM of the authority with that fingerprint, as the gateway shows it. Nothing else is believed of this connection: the
 * next one is verified by the authority, chain, dates and name.
 */
async function findAuthority(gateway: GatewayAddress, fingerprint: string): Promise<string> {
  const socket = connect({ ...linkConnection(gateway, ENROL_PROTOCOL), rejectUnauthorized: false })
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('the gateway does not answer')))
  try {
    await once(socket, 'secureConnect')
    let certificate = socket.getPeerX509Certificate()
    for (let depth = 0; depth < CHAIN_MAX && certificate !== undefined; depth++) {
      const print = createHash('sha256').update(certificate.raw).digest('base64url')
      if (print === fingerprint) return certificate.toString()
      certificate = certificate.issuerCertificate
    }
    throw new Error('the gateway is not the one that the token was made for')
  } finally {
    socket.on('error', () => {})
    socket.destroy()
  }
}

async function ask(
  { gateway, makeSigningRequest, label }: EnrolmentWay,
  credentials: ConnectionOptions,
  token: { readonly token?: string },
): Promise<LinkIdentity> {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const line = {
    version: LINK_VERSION,
    ...token,
    signingRequest: makeSigningRequest(privateKey),
    label,
  }
  const options = { ...linkConnection(gateway, ENROL_PROTOCOL), ...credentials }
  const issued = readIssued(await sayLine(options, JSON.stringify(line)))
  const certificate = new X509Certificate(issued.certificate)
  if (!certificate.checkPrivateKey(keys.privateKey)) {
    throw new Error('the gateway has issued a certificate for another key')
  }
  const { agentId, vpcLinkId, authority } = issued
  return { agentId, vpcLinkId, authority, certificate: issued.certificate, privateKey }
}

async function sayLine(options: ConnectionOptions, line: string): Promise<string> {
  const socket = connect(options)
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('the gateway does not answer')))
  await once(socket, 'secureConnect')
  socket.write(`${line}\n`)
  let text = ''
  for await (const bytes of socket as AsyncIterable<Buffer>) {
    text += bytes.toString('latin1')
    if (text.length > LINE_BYTES_MAX) throw new Error('the gateway says too much')
  }
  return text
}

function readIssued(text: string): IssuedIdentity {
  const said = JSON.parse(text || '{}') as Partial<IssuedIdentity> & { error?: string }
  if (said.error !== undefined) throw new Error(said.error)
  const { agentId, vpcLinkId, certificate, authority } = said
  for (const one of [agentId, vpcLinkId, certificate, authority]) {
    if (typeof one !== 'string') throw new Error('the gateway has closed without an answer')
  }
  return { agentId, vpcLinkId, certificate, authority } as IssuedIdentity
}
