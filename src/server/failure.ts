/**
 * Why the program cannot do what it was asked, said so that the person at the keyboard can mend it.
 *
 * Thrown anywhere in server/ and cli/, caught in one place (cli/cli.ts), which prints it and ends with its exit code:
 * 1 something is wrong with the world or the definition, 2 the command line or a setting is wrong.
 */

export interface FailureText {
  /** One sentence: what is wrong. */
  readonly message: string
  /** One sentence: what to do about it. */
  readonly mend?: string
  /** Already formatted lines to show before the message, such as the problems of a definition. */
  readonly details?: readonly string[]
}

export class Failure extends Error {
  override name = 'Failure'
  readonly exitCode: 1 | 2
  readonly mend: string | undefined
  readonly details: readonly string[]

  constructor(exitCode: 1 | 2, text: FailureText) {
    super(text.message)
    this.exitCode = exitCode
    this.mend = text.mend
    this.details = text.details ?? []
  }
}

/** The command line, a variable or postern.yaml is wrong. */
export function usageFailure(message: string, mend?: string): Failure {
  return new Failure(2, mend === undefined ? { message } : { message, mend })
}

/** What was asked for is clear but cannot be done. */
export function failure(message: string, mend?: string): Failure {
  return new Failure(1, mend === undefined ? { message } : { message, mend })
}

/** Node's error code (`EADDRINUSE`), or '' where there is none. */
export function codeOf(thrown: unknown): string {
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' ? code : ''
}
