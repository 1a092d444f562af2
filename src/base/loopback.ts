/** Names that lead to this machine and nowhere else (RFC 6761 §6.3, RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */

/** An address may stand as URLs write it, in brackets. */
export function isLoopbackHost(host: string): boolean {
  return /^(?:(?:[^.]+\.)*localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/.test(host)
}
