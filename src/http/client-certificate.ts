/**
 * The certificate that a client has shown in its handshake, with the texts that `$context.identity.clientCert` has.
 *
 * Texts are made when somebody asks. Notation as AWS:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mutual-tls.html
 */

import type { X509Certificate } from 'node:crypto'

export class ClientCertificate {
  /** OpenSSL's code for why it does not count, `CERT_HAS_EXPIRED`; '': it was accepted. */
  readonly refusal: string
  /** From then on the connection is no longer that of somebody who has proved anything. */
  readonly untilEpochMs: number
  readonly #certificate: X509Certificate

  constructor(certificate: X509Certificate, refusal: string) {
    this.#certificate = certificate
    this.refusal = refusal
    this.untilEpochMs = Date.parse(certificate.validTo)
  }

  get pem(): string {
    return this.#certificate.toString()
  }

  /** `C=US,O=Example,CN=client`: in the order of the certificate, escaped as in RFC 4514. */
  get subject(): string {
    return oneLine(this.#certificate.subject)
  }

  get issuer(): string {
    return oneLine(this.#certificate.issuer)
  }

  /** `a1:0b:…`, and `1` for a serial number of one. */
  get serialNumber(): string {
    const digits = this.#certificate.serialNumber.toLowerCase()
    const whole = digits.length % 2 === 0 ? digits : `0${digits}`
    return whole.replace(/(..)(?!$)/g, '$1:').replace(/^0/, '')
  }

  /** `May 28 12:30:02 2019 GMT` */
  get notBefore(): string {
    return this.#certificate.validFrom
  }

  get notAfter(): string {
    return this.#certificate.validTo
  }
}

function oneLine(name: string | undefined): string {
  return (name ?? '').replaceAll('\n', ',')
}
