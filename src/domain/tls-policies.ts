/**
 * AWS's security policies for TLS, by name: what a handshake for a host has to be like.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-list.html
 *
 * Two deviations, both to the safe side. TLS 1.0 and 1.1 are off, so `TLS_1_0` is served as `TLS_1_2` (RFC 8996). Ciphers
 * without forward secrecy or with CBC, which some policies still list for TLS 1.2, are never offered.
 */

export interface SecurityPolicy {
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  /** FIPS 140: no ChaCha20, no X25519 alone. */
  readonly fips: boolean
  /** Key exchange that quantum computers do not break comes first. */
  readonly postQuantum: boolean
}

const TLS_1_2: SecurityPolicy = { minVersion: 'TLSv1.2', fips: false, postQuantum: false }
const TLS_1_3: SecurityPolicy = { minVersion: 'TLSv1.3', fips: false, postQuantum: false }

const POLICIES: Readonly<Record<string, SecurityPolicy>> = {
  TLS_1_0: TLS_1_2,
  TLS_1_2,
  SecurityPolicy_TLS13_1_3_2025_09: TLS_1_3,
  SecurityPolicy_TLS13_1_3_FIPS_2025_09: { ...TLS_1_3, fips: true },
  SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09: { ...TLS_1_2, postQuantum: true },
  SecurityPolicy_TLS13_1_2_FIPS_PQ_2025_09: { ...TLS_1_2, fips: true, postQuantum: true },
  SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09: { ...TLS_1_2, fips: true, postQuantum: true },
  SecurityPolicy_TLS13_1_2_PQ_2025_09: { ...TLS_1_2, postQuantum: true },
  SecurityPolicy_TLS13_1_2_2021_06: TLS_1_2,
  SecurityPolicy_TLS13_2025_EDGE: TLS_1_3,
  SecurityPolicy_TLS12_PFS_2025_EDGE: TLS_1_2,
  SecurityPolicy_TLS12_2018_EDGE: TLS_1_2,
}

export const SECURITY_POLICIES: readonly string[] = Object.keys(POLICIES)

/** Undefined: AWS has none of that name. */
export function securityPolicy(name: string): SecurityPolicy | undefined {
  return Object.hasOwn(POLICIES, name) ? POLICIES[name] : undefined
}

/** In OpenSSL's notation, the preferred first. */
export function ciphersOf({ fips }: SecurityPolicy): string {
  const aes = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384']
  const signed = (cipher: string) => [`ECDHE-ECDSA-${cipher}`, `ECDHE-RSA-${cipher}`]
  const named = ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', ...(fips ? [] : ['CHACHA20-POLY1305'])]
  const chacha = fips ? [] : ['TLS_CHACHA20_POLY1305_SHA256']
  return [...aes, ...chacha, ...named.flatMap(signed)].join(':')
}

/** `auto`: OpenSSL's own order. */
export function groupsOf({ fips, postQuantum }: SecurityPolicy): string {
  const hybrid = fips
    ? ['SecP256r1MLKEM768', 'X25519MLKEM768', 'SecP384r1MLKEM1024']
    : ['X25519MLKEM768', 'SecP256r1MLKEM768']
  const classic = fips ? ['P-256', 'P-384'] : ['X25519', 'P-256', 'P-384']
  if (!postQuantum) return fips ? classic.join(':') : 'auto'
  return [...hybrid, ...classic].join(':')
}
