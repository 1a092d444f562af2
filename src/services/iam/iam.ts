/**
 * The service `iam`: users, access keys, roles, groups, policies. What it has not refuses, with the feature that is missing.
 *
 * Operations write records; `identities.ts` makes the document of them that keys and policies are looked up in, and it
 * is live in every worker when the call returns.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html
 */

import { withConstraints } from '../../aws/constraints.ts'
import type { ServiceModel } from '../../aws/service-model.ts'
import type { OpenSealer } from '../../certificates/tls-records.ts'
import type { Service, UnsupportedOperation } from '../service.ts'
import { accessKeyOperations } from './access-key.ts'
import { boundaryOperations } from './boundary.ts'
import { CONSTRAINTS } from './constraints.ts'
import { MODEL } from './generated/model.ts'
import { groupOperations } from './group.ts'
import { identityPolicyOperations } from './identity-policies.ts'
import { policyOperations } from './policy.ts'
import { roleOperations } from './role.ts'
import { userOperations } from './user.ts'

const BUILT = {
  ...userOperations,
  ...roleOperations,
  ...groupOperations,
  ...boundaryOperations,
  ...policyOperations,
  ...identityPolicyOperations,
}

/** By the words in the name of an operation; the first that fits. */
const FEATURES: readonly (readonly [words: RegExp, feature: string])[] = [
  [/MFA/, 'MFA devices of users'],
  [/InstanceProfile/, 'instance profiles'],
  [/SAML|OpenID|WebIdentity/, 'identity providers'],
  [/Certificate|SSH|ServiceSpecific/, 'other credentials of users than access keys'],
  [/Simulat|ContextKeys/, 'the policy simulator'],
  [/Report|LastAccessed|LastUsed|Summary|AuthorizationDetails/, 'reports about identities'],
  [/Password|LoginProfile/, 'passwords of IAM users'],
  [/Tag/, 'tags of policies'],
  [/Organizations|Delegat/, 'organizations and delegation'],
]
const OTHER = 'the rest of IAM'

export function iamService(openSealer: OpenSealer): Service {
  const built = { ...BUILT, ...accessKeyOperations(openSealer) }
  const model = withConstraints(JSON.parse(MODEL) as ServiceModel, CONSTRAINTS)
  const unsupported: Record<string, UnsupportedOperation> = {}
  for (const name of Object.keys(model.operations)) {
    if (Object.hasOwn(built, name)) continue
    const feature = FEATURES.find(([words]) => words.test(name))?.[1] ?? OTHER
    unsupported[name] = { kind: 'unsupported', feature }
  }
  return { model, isGlobal: true, operations: { ...built, ...unsupported } }
}
