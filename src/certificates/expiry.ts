/**
 * When each certificate expires, as the main thread knows it at any moment: for the metric of days, for warnings, and
 * for whoever renews. Follows the store; holds no key.
 */

import type { ChangeSet, Scope, Store, StoredRecord } from '../storage/store.ts'
import { CERTIFICATE, type CertificateRecord } from './certificate-record.ts'

export interface Expiry {
  readonly arn: string
  readonly scope: Scope
  readonly domainName: string
  readonly issuer: CertificateRecord['issuer']
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

const DAY_MS = 86_400_000
/** A third of its life is left. */
const RENEWAL_SHARE = 1 / 3

export class CertificateExpiry {
  readonly #known = new Map<string, Expiry>()
  readonly #stop: () => void

  static async open(store: Pick<Store, 'read' | 'onCommit'>): Promise<CertificateExpiry> {
    const waiting: ChangeSet[] = []
    let expiry: CertificateExpiry | undefined
    const stop = store.onCommit((set) => {
      if (expiry === undefined) waiting.push(set)
      else expiry.#follow(set)
    })
    const records = await store.read((reader) => reader.everywhere<CertificateRecord>(CERTIFICATE))
    expiry = new CertificateExpiry(records, stop)
    for (const set of waiting) expiry.#follow(set)
    return expiry
  }

  private constructor(records: readonly StoredRecord<CertificateRecord>[], stop: () => void) {
    this.#stop = stop
    for (const { scope, body } of records) this.#note(scope, body)
  }

  /** In the order in which they were made. */
  all(): readonly Expiry[] {
    return [...this.#known.values()]
  }

  /** Those that an authority of this installation signs and that have used two thirds of their life. */
  due(nowMs: number): readonly Expiry[] {
    return this.all().filter(
      ({ issuer, notBeforeMs, notAfterMs }) =>
        (issuer === 'local' || issuer === 'private') &&
        notAfterMs - nowMs < (notAfterMs - notBeforeMs) * RENEWAL_SHARE,
    )
  }

  close(): void {
    this.#stop()
  }

  #follow({ changes }: ChangeSet): void {
    for (const { key, scope, before, after } of changes) {
      if (key.kind !== CERTIFICATE) continue
      if (after !== undefined) this.#note(scope, after as CertificateRecord)
      else this.#known.delete((before as CertificateRecord).CertificateArn)
    }
  }

  #note(
    scope: Scope,
    { CertificateArn: arn, DomainName, issuer, issued }: CertificateRecord,
  ): void {
    if (issued === undefined) return
    this.#known.set(arn, {
      ...{ arn, scope, issuer, domainName: DomainName },
      notBeforeMs: Date.parse(issued.notBefore),
      notAfterMs: Date.parse(issued.notAfter),
    })
  }
}

/** Negative: it is over. */
export function daysLeft({ notAfterMs }: Pick<Expiry, 'notAfterMs'>, nowMs: number): number {
  return (notAfterMs - nowMs) / DAY_MS
}
