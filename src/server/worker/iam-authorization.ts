/**
 * IAM authorization, put together for one thread: the identities that it knows, and the guards of routes over them.
 *
 * Loaded with the first stage that asks for it. Identities are swapped with the snapshot: a key that is gone, or a policy
 * that was detached, lets nothing pass from the next request on.
 */

import { IamDirectory } from '../../aws/iam-identity/directory.ts'
import { SigningKeys } from '../../aws/sigv4/signing-key.ts'
import type { Clock } from '../../base/clock.ts'
import type { HttpApiStage } from '../../domain/http-api.ts'
import { type IamDocument, NO_IDENTITIES } from '../../domain/iam.ts'
import { compileIam } from '../../features/authorize/iam/iam.ts'
import type { RunStep } from '../../invocation/plan.ts'

interface Held {
  readonly revision: number
  readonly directory: IamDirectory
}

export class IamAuthorization {
  readonly #signingKeys = new SigningKeys()
  readonly #clock: Clock
  #current: Held = held(NO_IDENTITIES)
  #prepared: Held | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  compile({ accountId, region, apiId, stageName }: HttpApiStage): RunStep {
    return compileIam(
      { accountId, region, apiId, stageName },
      {
        directory: () => this.#current.directory,
        signingKeys: this.#signingKeys,
        clock: this.#clock,
      },
    )
  }

  /** Undefined: no stage asks for any more. Throws when a policy cannot be compiled. */
  prepare(identities: IamDocument = NO_IDENTITIES): void {
    const isSame = identities.revision === this.#current.revision
    this.#prepared = isSame ? this.#current : held(identities)
  }

  commit(): void {
    this.#current = this.#prepared ?? this.#current
    this.#prepared = undefined
  }

  discard(): void {
    this.#prepared = undefined
  }
}

function held(document: IamDocument): Held {
  return { revision: document.revision, directory: new IamDirectory(document) }
}
