/** On what way a call came to its origin, in words for operators: through which link, which listener, to which target. */

import type { BalancedHop, LinkedHop } from '../http/client/origin-request.ts'
import type { Invocation } from './invocation.ts'

/** '' for a call that went straight to its origin, or nowhere. */
export function hopText({ balanced, linked }: Invocation): string {
  const parts = [linkedText(linked), balancedText(balanced)]
  return parts.filter((part) => part !== '').join('; ')
}

function balancedText(hop: BalancedHop | undefined): string {
  if (hop === undefined) return ''
  const tries = hop.attempts === 1 ? '' : `, attempt ${hop.attempts}`
  const skipped = hop.skipped === '' ? '' : `, not taken by ${hop.skipped}`
  const target = hop.target === '' ? 'no target' : `target ${hop.target}`
  return `${target}${tries}${skipped} of ${shortArn(hop.targetGroup)} by ${shortArn(hop.rule)}`
}

function linkedText(hop: LinkedHop | undefined): string {
  return hop === undefined ? '' : `link ${hop.vpcLinkId}, agent ${hop.agent}`
}

/** `targetgroup/name/73e2d6bc24d8a067` */
function shortArn(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1)
}
