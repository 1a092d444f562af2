/**
 * What keeps certificates good while the program runs: ACME's orders, fresh OCSP responses, and truststores as they are
 * now. Each is loaded with the first thing that it has to do.
 */

import { CERTIFICATE } from '../../certificates/certificate-record.ts'
import { TRUSTSTORE } from '../../certificates/tls-records.ts'
import type { TruststoreReload } from '../../certificates/truststore-reload.ts'
import type { MetricsRegistry } from '../../observability/metrics/metrics-registry.ts'
import type { ChangeSet } from '../../storage/store.ts'
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
  const stapling = ocsp === 'off' ? undefined : await StaplingWhenNeeded.begin(input, ocsp)
  const reload =
    truststoreReload === undefined
      ? undefined
      : await ReloadWhenNeeded.begin(input, truststoreReload)
  return {
    close: async () => {
      await orders?.close()
      await stapling?.close()
      await reload?.close()
    },
  }
}

/** Nothing of it is loaded while no domain name has a truststore. */
class ReloadWhenNeeded {
  readonly #input: KeepingInput
  readonly #intervalMs: number
  readonly #forget: () => void
  #reload: Promise<Pick<TruststoreReload, 'run' | 'close'>> | undefined

  static async begin(input: KeepingInput, intervalMs: number): Promise<ReloadWhenNeeded> {
    const made = new ReloadWhenNeeded(input, intervalMs)
    const { store } = input.apis
    const truststores = await store.read((reader) => reader.everywhere(TRUSTSTORE))
    if (truststores.length > 0) made.#open()
    return made
  }

  private constructor(input: KeepingInput, intervalMs: number) {
    this.#input = input
    this.#intervalMs = intervalMs
    this.#forget = input.apis.store.onCommit(({ changes }) => {
      if (changes.some(({ key }) => key.kind === TRUSTSTORE)) this.#open()
    })
  }

  async close(): Promise<void> {
    this.#forget()
    await (await this.#reload)?.close()
  }

  #open(): void {
    this.#reload ??= import('./truststore-reloading.ts').then(({ openTruststoreReload }) => {
      const reload = openTruststoreReload(this.#input, this.#intervalMs)
      this.#input.registry.useTruststores(() => reload.stale)
      void reload.run()
      return reload
    })
  }
}

/** Nothing of it is loaded while there is no certificate. */
class StaplingWhenNeeded {
  readonly #input: AcmeInput
  readonly #reach: 'public' | 'any'
  readonly #forget: () => void
  #stapler: Promise<ReturnType<typeof import('./stapling.ts').openStapling>> | undefined

  static async begin(input: AcmeInput, reach: 'public' | 'any'): Promise<StaplingWhenNeeded> {
    const made = new StaplingWhenNeeded(input, reach)
    const { store } = input.apis
    const certificates = await store.read((reader) => reader.everywhere(CERTIFICATE))
    if (certificates.length > 0) made.#look()
    return made
  }

  private constructor(input: AcmeInput, reach: 'public' | 'any') {
    this.#input = input
    this.#reach = reach
    this.#forget = input.apis.store.onCommit((set) => this.#after(set))
  }

  async close(): Promise<void> {
    this.#forget()
    await (await this.#stapler)?.close()
  }

  #after({ changes }: ChangeSet): void {
    if (changes.some(({ key, after }) => key.kind === CERTIFICATE && after !== undefined)) {
      this.#look()
    }
  }

  #look(): void {
    if (this.#stapler !== undefined) {
      void this.#stapler.then((stapler) => stapler.look())
      return
    }
    const { apis, limits, log } = this.#input
    const reach = this.#reach
    this.#stapler = import('./stapling.ts').then(({ openStapling }) =>
      openStapling({ apis, limits, reach, log }),
    )
  }
}
