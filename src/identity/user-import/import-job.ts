/**
 * An import of users as it stands in the store, and the file that was put up for it.
 *
 * `done` is the last line that was dealt with: a restart goes on behind it.
 */

export const IMPORT_JOB_KIND = 'user-pool-import-job'
export const IMPORT_FILE_KIND = 'user-pool-import-file'

type ImportStatus =
  | 'Created'
  | 'Pending'
  | 'InProgress'
  | 'Stopping'
  | 'Expired'
  | 'Stopped'
  | 'Failed'
  | 'Succeeded'

export interface ImportJob {
  readonly jobId: string
  readonly jobName: string
  readonly userPoolId: string
  readonly roleArn: string
  readonly status: ImportStatus
  /** ISO 8601, as all times here. */
  readonly createdAt: string
  readonly startedAt?: string
  readonly completedAt?: string
  readonly imported: number
  readonly skipped: number
  readonly failed: number
  readonly message?: string
  /** Line of the file. */
  readonly done: number
  /** What went wrong with lines; the first of many. */
  readonly problems: readonly LineProblem[]
}

export interface LineProblem {
  readonly line: number
  readonly problem: string
}

export interface ImportFile {
  readonly text: string
}

/** How long a file may be put up, and an import started. */
export const UPLOAD_MS = 900_000
export const START_MS = 86_400_000

export const ENDED: readonly ImportStatus[] = ['Expired', 'Stopped', 'Failed', 'Succeeded']
