/** What a check of `postern doctor` has found: one line for people, one object for programs. */

export type Level = 'ok' | 'warning' | 'problem'

export interface Finding {
  readonly level: Level
  /** What was looked at: `port 8080`, `certificate of api.example.com`. */
  readonly subject: string
  readonly message: string
  /** What to do about it; '' where nothing is to be done. */
  readonly mend: string
}

export function ok(subject: string, message: string): Finding {
  return { level: 'ok', subject, message, mend: '' }
}

export function warning(subject: string, message: string, mend: string): Finding {
  return { level: 'warning', subject, message, mend }
}

export function problem(subject: string, message: string, mend: string): Finding {
  return { level: 'problem', subject, message, mend }
}
