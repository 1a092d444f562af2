/** What `postern explain` says of a call whose client has nothing left of its own limit, or of its quota. */

import type { Because } from '../../invocation/because.ts'

const RETRY_AFTER = /retry-after: (\d+)/

export const clientBecause: Because = ({ reasonCode, detail, replyHeaders }) => {
  const isQuota = reasonCode === 'QUOTA_EXCEEDED'
  const [, seconds] = RETRY_AFTER.exec(replyHeaders) ?? []
  return {
    rule: `${isQuota ? 'quota' : 'token bucket'} of ${detail}`,
    seen: isQuota ? 'nothing left in this period' : 'less than a token in the bucket',
    passes:
      seconds === undefined
        ? 'nothing: a limit of 0 lets no call pass'
        : `the same call ${seconds} s later${isQuota ? ', when the next period begins, or a larger quota' : ''}`,
  }
}
