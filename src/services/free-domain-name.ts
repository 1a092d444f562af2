/**
 * Host names are one space for all accounts and regions, because requests name no account. A wildcard and a name below it
 * may stand beside each other within one account only.
 */

import type { StoredRecord } from '../storage/store.ts'

type TakenName = Pick<StoredRecord, 'id' | 'scope'>

/** `taken`: those of every scope. */
export function isDomainNameFree(
  domainName: string,
  accountId: string,
  taken: readonly TakenName[],
): boolean {
  return taken.every(({ id, scope }) => {
    if (id === domainName) return false
    return scope.accountId === accountId || !(covers(id, domainName) || covers(domainName, id))
  })
}

function covers(wildcard: string, name: string): boolean {
  return wildcard.startsWith('*.') && name.slice(name.indexOf('.')) === wildcard.slice(1)
}
