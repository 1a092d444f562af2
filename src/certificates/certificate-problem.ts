/** What is wrong with a certificate that somebody has brought: where, what, and how it is mended. */

export type CertificatePlace = 'Certificate' | 'CertificateChain' | 'PrivateKey'

export class CertificateProblem extends Error {
  override name = 'CertificateProblem'
  readonly place: CertificatePlace
  readonly mend: string

  constructor(place: CertificatePlace, message: string, mend: string) {
    super(message)
    this.place = place
    this.mend = mend
  }

  /** In one sentence a part. */
  get told(): string {
    return `${this.place}: ${this.message}. ${this.mend}`
  }
}
