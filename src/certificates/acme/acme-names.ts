/** For which names a certificate can be asked for by ACME here. */

/** Why not, for whoever asks; undefined: it can. */
export function acmeRefusal(
  { acmeDirectory }: { readonly acmeDirectory: string | undefined },
  names: readonly string[],
): string | undefined {
  if (acmeDirectory === undefined) {
    return (
      `No ACME server is named, and so no public authority can be asked for ${names[0]}: start Postern with ` +
      '--acme-directory, give CertificateAuthorityArn for a private certificate, or import one.'
    )
  }
  // RFC 8555 §8.3, RFC 8737 §3: neither of the two challenges proves anything about a wildcard.
  const wildcard = names.find((name) => name.startsWith('*.'))
  if (wildcard === undefined) return undefined
  return (
    `${wildcard}: a wildcard is proved by an entry in the DNS only, which Postern does not make. ` +
    'Name each host, or import a certificate.'
  )
}
