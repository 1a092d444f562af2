/**
 * From writes to what is served: after every batch of writes, which stages have to change, and to what.
 *
 * The arrow between the two planes begins here. A service that has stages implements `LiveStages`; the batch of writes
 * calls it inside its transaction, the workers compile what it returns, and only then is the transaction committed.
 */

import type { HttpApiStage } from '../domain/http-api.ts'
import type { SharedDocuments } from '../domain/shared-documents.ts'
import type { Reader, Scope, Transaction } from '../storage/store.ts'

export interface StageKey {
  readonly apiId: string
  readonly stageName: string
}

/** A stage that is served from now on as its document says; `revision` is one that it has not had. */
export interface StageChanges {
  readonly live: readonly HttpApiStage[]
  readonly gone: readonly StageKey[]
  /** Those that have changed. */
  readonly shared?: SharedDocuments
}

/** A stage of the store that cannot be served by this program with these settings. */
export interface RefusedStage extends StageKey {
  readonly scope: Scope
  readonly reasons: readonly string[]
}

export interface AfterContext {
  readonly now: Date
  readonly newId: (length: number) => string
}

export interface LiveStages {
  /**
   * Follows what the transaction has changed: stages that deploy automatically get their deployment. Throws a
   * ServiceError with the reason when a stage cannot be enforced; then none of the transaction must stay.
   */
  after(transaction: Transaction, context: AfterContext): Promise<StageChanges>
  /** Everything that is to be served, at start. */
  all(reader: Reader): Promise<{
    readonly live: readonly HttpApiStage[]
    readonly refused: readonly RefusedStage[]
    readonly shared?: SharedDocuments
  }>
}
