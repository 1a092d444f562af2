/**
 * The service `sts`: who am I, and temporary credentials. What it has not refuses, with the feature that is missing.
 *
 * Nothing is written: a session is in its token (`aws/iam-identity/session-token.ts`).
 * https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html
 */

import { withConstraints } from '../../aws/constraints.ts'
import type { ServiceModel } from '../../aws/service-model.ts'
import type { OpenSealer } from '../../certificates/tls-records.ts'
import type { Service, UnsupportedOperation } from '../service.ts'
import { assumeRoleOperations } from './assume-role.ts'
import { CONSTRAINTS } from './constraints.ts'
import { credentialIssuer } from './credentials.ts'
import { MODEL } from './generated/model.ts'
import { sessionOperations } from './session.ts'

export function stsService(openSealer: OpenSealer): Service {
  const issue = credentialIssuer(openSealer)
  const built = { ...assumeRoleOperations(issue), ...sessionOperations(issue) }
  const model = withConstraints(JSON.parse(MODEL) as ServiceModel, CONSTRAINTS)
  const unsupported: Record<string, UnsupportedOperation> = {}
  for (const name of Object.keys(model.operations)) {
    if (Object.hasOwn(built, name)) continue
    const isFederation = /SAML|Web|Federation|Delegated/.test(name)
    const feature = isFederation ? 'federated identities' : 'the rest of STS'
    unsupported[name] = { kind: 'unsupported', feature }
  }
  return { model, isGlobal: true, operations: { ...built, ...unsupported } }
}
