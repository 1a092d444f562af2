/** What a row of the table in `domain/limits.ts` says. */

export interface Limit {
  readonly unit: 'bytes' | 'ms' | 'count' | 'seconds'
  readonly aws: number
  readonly extended: number
  /** What a client or an author sees beyond the limit. */
  readonly beyond: string
  readonly description: string
}

/** The limits of one subject, by name. */
export type LimitRows = Readonly<Record<string, Limit>>
