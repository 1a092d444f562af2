/**
 * What `postern explain` says of a parameter mapping whose value cannot be sent: which target, and what about the value.
 * The value itself may be a secret of the caller, so it is described and not shown.
 */

import { isFieldValue } from '../../http/message/characters.ts'
import type { Because } from '../../invocation/because.ts'
import type { AppliedRule } from '../../invocation/mapped-headers.ts'

/** Why these rules cannot be applied. */
export function headerTrouble(rules: readonly AppliedRule[]): string {
  const wrong = rules.find(({ value }) => !isFieldValue(value))
  if (wrong === undefined) return 'header host: its value is no host'
  const { op, name, value } = wrong
  const at = [...value].findIndex((character) => !isFieldValue(`a${character}a`))
  const code = value.codePointAt(Math.max(at, 0)) ?? 0
  const hex = code.toString(16).toUpperCase().padStart(4, '0')
  return `${op}:header.${name}: a value of ${value.length} characters, with U+${hex} at ${at}`
}

export const mappedRequestBecause: Because = ({ detail }) => ({
  rule: 'requestParameters of the integration',
  seen: detail,
  passes: 'a header value without CR, LF, NUL and what is not latin1; a path with one reading',
})

export const mappedResponseBecause: Because = ({ detail }) => ({
  rule: 'responseParameters of the integration',
  seen: detail,
  passes: 'a status from 200 to 599; a header value without CR, LF, NUL and what is not latin1',
})
