/**
 * What keeps certificates good while the program runs: ACME's orders, fresh OCSP responses, and truststores as they are
 * now. Each is loaded with the first thing that it has to do.
 */

import { CERTIFICATE } from '../../certificates/certificate-record.ts'
import { TRUSTSTORE } from '../../certificates/tls-records.ts'
import type { Reach } from '../../http/client/address-reach.ts'
import type { MetricsRegistry } from '../../observability/metrics/metrics-registry.ts'
import type { Store } from '../../storage/store.ts'
import type { AcmeInput } from './acme.ts'

export interface KeepingInput extends AcmeInput {
  readonly registry: Pick<MetricsRegistry, 'useTruststores'>
}

export interface CertificateKeeping {
  /** What is under way ends. */
  close(): Promise<void>
}

/** The ports are open. Throws a Failure. */
export async function keepCertificates(input: KeepingInput): Promise<CertificateKeeping> {
  const { acmeDirectory: directory, ocsp, truststoreReload } = input.settings
  const orders =
    directory === undefined
      ? undefined
      : await (await import('./acme.ts')).openAcme({ ...input, directory })
  const { store } = input.apis
  const stapling =
    ocsp === 'off'
      ? undefined
      : await WhenNeeded.begin(store, {
          kind: CERTIFICATE,
          open: () => openStapler(input, ocsp),
          again: (stapler) => stapler.look(),
        })
  const reload =
    truststoreReload === undefined
      ? undefined
      : await WhenNeeded.begin(store, {
          kind: TRUSTSTORE,
          open: () => openReload(input, truststoreReload),
        })
  return {
    close: async () => {
      await orders?.close()
      await stapling?.close()
      await reload?.close()
    },
  }
}

/** Something that is loaded and opened with the first record of a kind, and told of every later one. */
interface Needed<Opened> {
  readonly kind: string
  readonly open: () => Promise<Opened>
  readonly again?: (opened: Opened) => void
}

class WhenNeeded<Opened extends { close(): Promise<void> }> {
  readonly #needed: Needed<Opened>
  readonly #forget: () => void
  #opened: Promise<Opened> | undefined

  static async begin<Opened extends { close(): Promise<void> }>(
    store: Pick<Store, 'read' | 'onCommit'>,
    needed: Needed<Opened>,
  ): Promise<WhenNeeded<Opened>> {
    const made = new WhenNeeded(store, needed)
    const records = await store.read((reader) => reader.everywhere(needed.kind))
    if (records.length > 0) made.#need()
    return made
  }

  private constructor(store: Pick<Store, 'onCommit'>, needed: Needed<Opened>) {
    this.#needed = needed
    this.#forget = store.onCommit(({ changes }) => {
      if (changes.some(({ key, after }) => key.kind === needed.kind && after !== undefined)) {
        this.#need()
      }
    })
  }

  async close(): Promise<void> {
    this.#forget()
    await (await this.#opened)?.close()
  }

  #need(): void {
    const { open, again } = this.#needed
    if (this.#opened === undefined) this.#opened = open()
    else void this.#opened.then(again)
  }
}

async function openReload(input: KeepingInput, intervalMs: number) {
  const { openTruststoreReload } = await import('./truststore-reloading.ts')
  const reload = openTruststoreReload(input, intervalMs)
  input.registry.useTruststores(() => reload.stale)
  void reload.run()
  return reload
}

async function openStapler({ apis, limits, log }: AcmeInput, reach: Reach) {
  const { openStapling } = await import('./stapling.ts')
  return openStapling({ apis, limits, reach, log })
}
