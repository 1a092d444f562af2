/**
 * What one call writes, as the audit log tells it: each record it touched, before and after.
 *
 * A batch runs many calls in one transaction, so each call gets a transaction that notes its own writes. What must not
 * be read by whoever may read the log (secrets) or would only repeat what stands elsewhere (frozen definitions) is
 * replaced here, in one table.
 */

import type {
  AuditChange,
  Body,
  RecordKey,
  Scope,
  Transaction,
  WritableRecords,
} from '../storage/store.ts'

/** Kind → members that the log does not show. */
const HIDDEN: Readonly<Record<string, readonly string[]>> = {
  'access-key': ['secretAccessKey', 'sealedSecret'],
  'api-key': ['value'],
  'user-pool-import-file': ['text'],
  'user-pool-customization': ['image'],
  'outbox-message': ['destination', 'subject', 'body', 'code'],
  'iam-access-key': ['SecretAccessKey', 'sealedSecret'],
  'iam-session-key': ['key', 'sealedKey'],
  'vpc-link-authority': ['sealedPrivateKey'],
  'vpc-link-token': ['hash'],
  'user-pool-key': ['sealedPrivateKey'],
  'user-pool-client': ['sealedSecret'],
  'user-pool-user': ['password', 'sealedTotp', 'sealedNewTotp'],
  'user-pool-code': ['mac'],
  'user-pool-token-family': ['current', 'previous', 'spent'],
  certificate: ['issued'],
  'certificate-authority': ['sealedKey'],
  'ocsp-response': ['response'],
  'deployment-definition': ['routes', 'integrations', 'authorizers', 'models', 'sources'],
}

interface Touched {
  readonly scope: Scope
  readonly key: RecordKey
  readonly before: Body | undefined
  after: Body | undefined
}

export class AuditTrail {
  readonly #touched = new Map<string, Touched>()

  /** The same transaction; what is written through it is noted. */
  over(transaction: Transaction): Transaction {
    return {
      in: (scope) => this.#over(transaction.in(scope)),
      everywhere: (kind) => transaction.everywhere(kind),
      changes: () => transaction.changes(),
      savepoint: (work) => transaction.savepoint(work),
      audit: (entry) => transaction.audit(entry),
    }
  }

  /** The scopes that were written to. */
  scopes(): Scope[] {
    const scopes = new Map(
      [...this.#touched.values()].map(({ scope }) => [nameOfScope(scope), scope]),
    )
    return [...scopes.values()]
  }

  /** In the order of the first touch; records that are as they were are left out. */
  changes(scope?: Scope): AuditChange[] {
    return [...this.#touched.values()]
      .filter((each) => scope === undefined || nameOfScope(each.scope) === nameOfScope(scope))
      .filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after))
      .map(({ key, before, after }) => ({
        resource: [key.kind, key.parent, key.id].filter((part) => part !== '').join('/'),
        ...(before === undefined ? {} : { before: shown(key.kind, before) }),
        ...(after === undefined ? {} : { after: shown(key.kind, after) }),
      }))
  }

  #over(records: WritableRecords): WritableRecords {
    return {
      scope: records.scope,
      get: (key) => records.get(key),
      list: (kind, parent, page) => records.list(kind, parent, page),
      put: async (key, body) => {
        await this.#note(records, key, body)
        await records.put(key, body)
      },
      delete: async (key) => {
        await this.#note(records, key, undefined)
        return records.delete(key)
      },
      children: (parent) => records.children(parent),
      deleteChildren: async (parent) => {
        for (const key of await records.children(parent)) await this.#note(records, key, undefined)
        await records.deleteChildren(parent)
      },
    }
  }

  async #note(records: WritableRecords, key: RecordKey, after: Body | undefined): Promise<void> {
    const name = nameOf(records.scope, key)
    const touched = this.#touched.get(name)
    if (touched !== undefined) {
      touched.after = after
      return
    }
    const before = (await records.get(key))?.body
    this.#touched.set(name, { scope: records.scope, key, before, after })
  }
}

function nameOfScope({ accountId, region }: Scope): string {
  return `${accountId}/${region}`
}

function nameOf({ accountId, region }: Scope, { kind, parent, id }: RecordKey): string {
  return JSON.stringify([accountId, region, kind, parent, id])
}

function shown(kind: string, body: Body): Body {
  const hidden = HIDDEN[kind]
  if (hidden === undefined) return body
  return Object.fromEntries(Object.entries(body).filter(([member]) => !hidden.includes(member)))
}
