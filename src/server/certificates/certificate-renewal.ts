/**
 * Renews one certificate that an authority of this installation has signed: new key, new certificate, the same ARN, live
 * in every worker when this resolves. Loaded with the first that is due.
 */

import type { Expiry } from '../../certificates/expiry.ts'
import type { SigningParts } from '../../services/acm/acm-parts.ts'
import { issueNow } from '../../services/acm/acm-parts.ts'
import { requireCertificate } from '../../services/acm/found.ts'
import { contextFacts } from '../../services/write-calls.ts'
import { INSTALLATION } from '../../storage/store.ts'
import type { StoredApis } from '../stored-apis.ts'

export type RenewalApis = Pick<StoredApis, 'store' | 'writes' | 'callParts'>

export async function renewCertificate(
  apis: RenewalApis,
  parts: SigningParts,
  { scope, arn }: Pick<Expiry, 'scope' | 'arn'>,
): Promise<void> {
  const { accountId } = scope
  const caller = { accountId, accessKeyId: 'certificate renewal', readOnly: false, sourceIp: '' }
  const facts = { scope, caller, requestId: '', action: 'postern:RenewCertificate' }
  const known = contextFacts(facts, apis.callParts)
  const record = await apis.store.read((reader) => requireCertificate(reader.in(scope), arn))
  const issue = await issueNow(parts, record, {
    now: known.now,
    read: (work) =>
      apis.store.read((reader) =>
        work({ ...known, records: reader.in(scope), installation: reader.in(INSTALLATION) }),
      ),
  })
  await apis.writes.run(facts, (context) => issue(context, arn))
}
