/** Writes of the program itself about certificates: through the queue, so that they are live when they are done, and audited. */

import type { CertificateWrite } from '../../certificates/acme/acme-certificates.ts'
import type { WriteCalls } from '../../services/write-calls.ts'

/** `who`: as whom the audit log has it. */
export function certificateWrite(writes: WriteCalls, who: string): CertificateWrite {
  return (scope, action, work) => {
    const caller = { ...scope, accessKeyId: who, readOnly: false, sourceIp: '' }
    const facts = { scope, caller, requestId: '', action }
    return writes.run(facts, ({ records, now }) => work(records, now))
  }
}
