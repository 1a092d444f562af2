/**
 * The service `postern`: what AWS has no API for. A definition to a stage in one call, access keys, the audit log, what
 * is served. The command line talks to it, and so can any program that signs its calls.
 */

import type { OpenSealer } from '../../certificates/tls-records.ts'
import type { Service } from '../service.ts'
import { accessKeyOperations } from './access-key.ts'
import { auditLogOperations } from './audit-log.ts'
import { definitionOperations } from './definition.ts'
import { explainOperations } from './explain.ts'
import { type LinkPort, linkOperations } from './link.ts'
import { POSTERN_MODEL } from './model.ts'
import { outboxOperations } from './outbox.ts'
import { servedApiOperations } from './served-apis.ts'
import { usageOperations } from './usage.ts'
import { userImportProblemOperations } from './user-import-problems.ts'

/** `linkPort`: where agents of VPC links come in; undefined: nowhere. */
export function posternService(openSealer: OpenSealer, linkPort?: LinkPort): Service {
  return {
    model: POSTERN_MODEL,
    operations: {
      ...definitionOperations,
      ...accessKeyOperations(openSealer),
      ...auditLogOperations,
      ...servedApiOperations,
      ...outboxOperations,
      ...usageOperations,
      ...explainOperations,
      ...userImportProblemOperations,
      ...linkOperations(linkPort),
    },
  }
}
