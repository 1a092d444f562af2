/**
 * Who may call on the control port: keys of accounts, keys of IAM users, sessions. The first are followed from the store,
 * the others looked up in the document of identities that was committed last.
 */

import { IamDirectory } from '../../aws/iam-identity/directory.ts'
import type { Signer } from '../../aws/iam-identity/signer.ts'
import type { KeySecret } from '../../aws/sigv4/sigv4.ts'
import type { IamDocument } from '../../domain/iam.ts'
import type { AccessKeyRing } from '../../identity/access-key-ring.ts'

export interface KnownCaller {
  readonly accessKeyId: string
  readonly accountId: string
  readonly readOnly: boolean
  /** Undefined: the account itself. */
  readonly signer?: Signer
}

export class CallerKeys {
  readonly #ring: AccessKeyRing
  readonly #identities: () => IamDocument
  #directory: { readonly document: IamDocument; readonly directory: IamDirectory } | undefined

  constructor(ring: AccessKeyRing, identities: () => IamDocument) {
    this.#ring = ring
    this.#identities = identities
  }

  secretOf(accessKeyId: string, sessionToken: string | undefined): KeySecret | undefined {
    return this.#ring.secretOf(accessKeyId) ?? this.#identity(accessKeyId, sessionToken)
  }

  find(accessKeyId: string, sessionToken: string | undefined): KnownCaller | undefined {
    const own = this.#ring.find(accessKeyId)
    if (own !== undefined) return own
    const signer = this.#identity(accessKeyId, sessionToken)?.signer
    return signer && { accessKeyId, accountId: signer.accountId, readOnly: false, signer }
  }

  /** Keys of accounts stand in the document, too; here the ring alone says which there are. */
  #identity(accessKeyId: string, sessionToken: string | undefined) {
    const found = this.#current().find(accessKeyId, sessionToken)
    const isGood = found?.fault === undefined && found?.signer.kind !== 'root'
    return isGood ? found : undefined
  }

  #current(): IamDirectory {
    const document = this.#identities()
    if (this.#directory?.document !== document) {
      this.#directory = { document, directory: new IamDirectory(document) }
    }
    return this.#directory.directory
  }
}
