/**
 * The load of the reference request: an issuer, a hundred clients with a token each, and gateways under that load.
 * The rows P1, P3ALL and those about a feature's own cost share it.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Subject } from '../alternate.ts'
import type { Bench } from '../bench.ts'
import type { Gateway, RunningGateway } from '../gateway/gateway.ts'
import { wrk } from '../load/load.ts'
import { Issuer } from './issuer.ts'
import { type SignedKey, signedFields, writeSigned } from './signed-requests.ts'

export const REFERENCE_PATH = '/api/pets'
export const CLIENTS = 100
/** More than any load reaches: the rate is counted, nobody is refused. */
export const RATE_MAX = 10_000_000

const CONNECTIONS = 64

export class ReferenceLoad {
  readonly issuer: Issuer
  /** A token of each client. */
  readonly tokensFile: string
  readonly #bench: Bench

  private constructor(bench: Bench, issuer: Issuer) {
    this.#bench = bench
    this.issuer = issuer
    this.tokensFile = this.writeTokens(CLIENTS)
  }

  static async open(bench: Bench): Promise<ReferenceLoad> {
    return new ReferenceLoad(bench, await Issuer.start(bench.folder))
  }

  /** A file with tokens of so many clients. */
  writeTokens(clients: number): string {
    const path = join(this.#bench.folder, `tokens-${clients}.txt`)
    const tokens = Array.from({ length: clients }, (_, i) => this.issuer.token(`client-${i}`))
    writeFileSync(path, `${tokens.join('\n')}\n`)
    return path
  }

  /** Starts a gateway and proves that it gives the origin's answer to a client of this issuer. */
  start(gateway: Gateway): Promise<RunningGateway> {
    const proveHeaders = { authorization: `Bearer ${this.issuer.token('start')}` }
    return this.#bench.start(gateway, { provePath: REFERENCE_PATH, proveHeaders })
  }

  /** A gateway under the load, flat out. */
  async subject(gateway: Gateway, tokensFile = this.tokensFile): Promise<Subject> {
    const running = await this.start(gateway)
    const url = `http://127.0.0.1:${running.port}${REFERENCE_PATH}`
    const usual = { core: this.#bench.cores.load, url, connections: CONNECTIONS, tokensFile }
    return { running, load: (seconds) => wrk({ ...usual, seconds }) }
  }

  /** A gateway under the load of calls that these keys have signed, anew for each turn. */
  async signedSubject(gateway: Gateway, keys: readonly SignedKey[]): Promise<Subject> {
    const proveHeaders = signedFields(REFERENCE_PATH, keys[0]!)
    const running = await this.#bench.start(gateway, { provePath: REFERENCE_PATH, proveHeaders })
    const url = `http://127.0.0.1:${running.port}${REFERENCE_PATH}`
    const fieldsFile = join(this.#bench.folder, `signed-${keys.length}.txt`)
    const usual = { core: this.#bench.cores.load, url, connections: CONNECTIONS, fieldsFile }
    const load: Subject['load'] = (seconds) => {
      writeSigned(fieldsFile, REFERENCE_PATH, keys)
      return wrk({ ...usual, seconds })
    }
    return { running, load }
  }

  close(): void {
    this.issuer.stop()
  }
}
