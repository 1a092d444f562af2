/**
 * From the TLS document to the names of the TLS port. Loaded by workers with the first such document, as OpenSSL is
 * asked whether it can use what is in it.
 */

import { createHash } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { messageOf } from '../../base/message-of.ts'
import { type ClientTrust, type TlsDocument, type TlsHost, trustKey } from '../../domain/tls.ts'
import { ciphersOf, groupsOf, securityPolicy } from '../../domain/tls-policies.ts'
import { type HostTrust, type SecureHost, SecureHosts } from '../../http/server/secure-hosts.ts'
import { secureOptions } from '../../http/server/secure-server.ts'
import { TrustChain } from '../../http/server/trust-chain.ts'
import { CompileError } from './compile.ts'

/** Hosts that are as they were are taken over from `previous`. Throws CompileError. */
export function compileTls(document: TlsDocument, previous: SecureHosts | undefined): SecureHosts {
  const before = new Map(previous?.all.map((host) => [host.label, host]))
  const problems: string[] = []
  const names = new Set<string>()
  const hosts = document.hosts.flatMap((host) => {
    const rules = rulesOf(host, problems)
    return host.serverNames.flatMap((name) => {
      if (names.has(name)) problems.push(`TLS: the name ${name} has two certificates`)
      names.add(name)
      if (rules === undefined) return []
      const label = labelOf(name, host)
      const known = before.get(label)
      const isSame = known !== undefined && sameStaple(known, rules)
      return [
        isSame ? known : checked({ ...rules, name, label, resumes: resumes(name, host) }, problems),
      ]
    })
  })
  if (problems.length > 0) throw new CompileError(problems)
  return new SecureHosts(hosts)
}

function rulesOf(
  host: TlsHost,
  problems: string[],
): Omit<SecureHost, 'name' | 'label' | 'resumes'> | undefined {
  const { certificate, privateKey, ocspResponse, clientTrust } = host
  const policy = securityPolicy(host.securityPolicy)
  if (policy === undefined) {
    problems.push(
      `TLS: there is no security policy ${host.securityPolicy} (${host.serverNames.join(', ')})`,
    )
    return undefined
  }
  return {
    certificate,
    privateKey,
    minVersion: policy.minVersion,
    ciphers: ciphersOf(policy),
    groups: groupsOf(policy),
    ocspResponse: ocspResponse === undefined ? undefined : Buffer.from(ocspResponse, 'base64'),
    trust: clientTrust === undefined ? undefined : trustOf(clientTrust),
  }
}

/**
 * Not where clients show certificates. Nor below a wildcard whose domain may want the name of the handshake to be the
 * very name of the request (which only goes with these policies): TLS 1.2 does not say the name of a resumed session.
 */
function resumes(name: string, { clientTrust, securityPolicy }: TlsHost): boolean {
  if (clientTrust !== undefined) return false
  return !name.startsWith('*') || !securityPolicy.startsWith('SecurityPolicy_')
}

function trustOf(trust: ClientTrust): HostTrust {
  const { authorities, revocationLists } = trust
  return { authorities, revocationLists, key: trustKey(trust), chain: new TrustChain(authorities) }
}

function sameStaple(
  { ocspResponse: one }: SecureHost,
  { ocspResponse: other }: Pick<SecureHost, 'ocspResponse'>,
): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other)
}

/** Whatever a session depends on, and the name. A new staple ends no session. */
function labelOf(name: string, { serverNames: _, ocspResponse: __, ...rules }: TlsHost): string {
  return createHash('sha256')
    .update(JSON.stringify([name, rules]))
    .digest('hex')
}

/** OpenSSL's sentences name no secret. */
function checked(host: SecureHost, problems: string[]): SecureHost {
  try {
    createSecureContext(secureOptions(host))
  } catch (thrown) {
    problems.push(`TLS: the certificate for ${host.name} cannot be used: ${messageOf(thrown)}`)
  }
  return host
}
