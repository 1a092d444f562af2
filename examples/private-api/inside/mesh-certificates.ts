/**
 * What the mesh trusts: an authority of its own, the ingress's certificate, and the one that the link's agent shows.
 *
 * In a cluster they come from where the mesh's come from; here they are made anew with every start. Keys stay on the
 * private side: the gateway sees none of them.
 */

import { webcrypto } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAYS = 30
const DAY_MS = 86_400_000

/** The name of the ingress, whatever its address is. */
export const MESH_NAME = 'orders.mesh.internal'

interface Signed {
  readonly certificate: X509Certificate
  readonly keys: webcrypto.CryptoKeyPair
}

/** Files of a folder: `ca.pem`; `ingress.pem`, `agent.pem` and a `.key.pem` beside each. */
export async function makeMeshCertificates(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const authority = await signed('CN=Mesh authority', [
    new BasicConstraintsExtension(true, 0, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
  ])
  const ingress = await signed(
    `CN=${MESH_NAME}`,
    [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([{ type: 'dns', value: MESH_NAME }]),
    ],
    authority,
  )
  const agent = await signed(
    'CN=link agent',
    [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])],
    authority,
  )
  writeFileSync(join(folder, 'ca.pem'), authority.certificate.toString('pem'))
  await writePair(folder, 'ingress', ingress)
  await writePair(folder, 'agent', agent)
}

/** By the authority, or by itself. */
async function signed(
  subject: string,
  extensions: readonly Extension[],
  authority?: Signed,
): Promise<Signed> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.create({
    subject,
    issuer: authority?.certificate.subject ?? subject,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAYS * DAY_MS),
    signingKey: authority?.keys.privateKey ?? keys.privateKey,
    publicKey: keys.publicKey,
    signingAlgorithm: ALGORITHM,
    extensions: [...extensions],
  })
  return { certificate, keys }
}

async function writePair(folder: string, name: string, { certificate, keys }: Signed) {
  const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  const lines = Buffer.from(der)
    .toString('base64')
    .match(/.{1,64}/g)!
  const key = `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`
  writeFileSync(join(folder, `${name}.pem`), certificate.toString('pem'))
  writeFileSync(join(folder, `${name}.key.pem`), key, { mode: 0o600 })
}
