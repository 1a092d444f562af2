/** What was posted with a page's form, and what its steps make of it. */

import type { PageCaller } from '../oauth/page-port.ts'
import type { StepContext } from './step.ts'

export const PASSWORDS_DIFFER = 'The two passwords are not the same.'

export function callerOf({ client, request }: StepContext): PageCaller {
  return { client, sourceIp: request.sourceIp }
}

export function withError(context: StepContext, error: string): StepContext {
  return { ...context, frame: { ...context.frame, error } }
}

/** A posted field; '' when it is missing. */
export function fieldOf({ request }: StepContext, name: string): string {
  return request.form.get(name) ?? ''
}

/** What somebody calls himself has no spaces around it, though a keyboard may add one. */
export function usernameOf(context: StepContext): string {
  return fieldOf(context, 'username').trim()
}

/** Fields named `attribute.…`, without the empty ones' values being lost. */
export function attributesOf({ request }: StepContext): Record<string, string> {
  const pairs = [...request.form].filter(([name]) => name.startsWith('attribute.'))
  return Object.fromEntries(pairs.map(([name, value]) => [name.slice(10), value.trim()]))
}
