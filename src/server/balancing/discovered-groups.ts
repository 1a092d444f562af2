/** Which groups of what is served are discovered; asked after every deployment, before any code for it is loaded. */

import type { DiscoveredGroup, Discovery } from '../../discovery/discovery.ts'
import type { Configuration } from '../../domain/http-api.ts'

/** Called with everything that is served from now on, in order. */
export function discoveryOf(
  open: () => Promise<Discovery>,
): (configuration: Configuration) => void {
  let opened: Promise<Discovery> | undefined
  return ({ balancing }) => {
    const groups: DiscoveredGroup[] = []
    for (const { arn, discovery } of Object.values(balancing?.targetGroups ?? {})) {
      if (discovery !== undefined) groups.push({ arn, ...discovery })
    }
    if (groups.length === 0 && opened === undefined) return
    opened ??= open()
    void opened.then((discovery) => discovery.reconcile(groups))
  }
}
