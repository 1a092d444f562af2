/** The other side of signed requests for objects: AWS's own signer says whether the signature is right. */

import { createHash, createHmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import type { SigningCredentials } from '../aws/sigv4/sign-request.ts'
import type { DocumentRequest } from '../http/client/fetch-document.ts'

/** Resolves to path, query and whether AWS's signer signs the same request in the same way. */
export function sigV4Verifier(
  credentials: SigningCredentials,
): (request: DocumentRequest) => Promise<string> {
  return async ({ url, headers = [] }) => {
    const fields = Object.fromEntries(headers)
    const signer = new SignatureV4({
      credentials,
      region: 'eu-west-1',
      service: 's3',
      sha256: Sha256,
      uriEscapePath: false,
    })
    const signed = await signer.sign(
      {
        method: 'GET',
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: { host: url.host, 'x-amz-content-sha256': fields['x-amz-content-sha256']! },
      },
      { signingDate: dateOf(fields['x-amz-date']!) },
    )
    const same = signed.headers['authorization'] === fields['authorization']
    return `${url.pathname}${url.search} ${same ? 'verified' : 'WRONG SIGNATURE'}`
  }
}

function dateOf(text: string): Date {
  return new Date(text.replace(/^(....)(..)(..T..)(..)(..)Z$/, '$1-$2-$3:$4:$5Z'))
}

class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Buffer)
  }

  update(data: string | Uint8Array): void {
    this.#hash.update(data)
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
}
