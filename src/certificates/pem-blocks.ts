/**
 * The blocks of a PEM text (RFC 7468): what stands between BEGIN and END, and what should not stand anywhere.
 *
 * Text around blocks is allowed, as tools write a description of each certificate in front of it.
 */

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]*)-----END \1-----/g
const BASE64_LINES = /^[A-Za-z0-9+/=\s]*$/

export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY` … */
  readonly label: string
  readonly der: Buffer
}

/** Undefined: a block is opened and not closed, or holds what is not base64. */
export function pemBlocks(text: string): readonly PemBlock[] | undefined {
  const blocks: PemBlock[] = []
  for (const [, label = '', body = ''] of text.matchAll(BLOCK)) {
    // Headers of an old encrypted key are the caller's to tell.
    const content = body.includes(':') ? '' : body
    if (!BASE64_LINES.test(content)) return undefined
    blocks.push({ label, der: Buffer.from(content, 'base64') })
  }
  const begun = text.match(/-----BEGIN /g)?.length ?? 0
  return begun === blocks.length ? blocks : undefined
}

export function pemOfBlock(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
