/**
 * The service `cognito-idp`: every operation of its model, one table a resource noun.
 *
 * Half of the operations are for everybody (sign-up, sign-in, what a user does to himself): nobody signs them, and they work
 * in the account and region of the pool that their client id or their token names.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/Welcome.html
 */

import type { ServiceModel } from '../../aws/service-model.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import type { Service } from '../service.ts'
import { adminUserOperations } from './admin-user.ts'
import { forgotPasswordOperations } from './forgot-password.ts'
import { groupOperations } from './group.ts'
import { groupMemberOperations } from './group-members.ts'
import { initiateAuthOperations } from './initiate-auth.ts'
import { listUsersOperations } from './list-users.ts'
import { mfaOperations } from './mfa.ts'
import { publicScope } from './public-scope.ts'
import { refreshOperations } from './refresh.ts'
import { resourceServerOperations } from './resource-server.ts'
import { respondToAuthChallengeOperations } from './respond-to-auth-challenge.ts'
import { selfOperations } from './self.ts'
import { signUpOperations } from './sign-up.ts'
import { softwareTokenOperations } from './software-token.ts'
import { tagOperations } from './tags.ts'
import { uiCustomizationOperations } from './ui-customization.ts'
import { unsupportedOperations } from './unsupported.ts'
import { userImportOperations } from './user-import-job.ts'
import { userPoolOperations } from './user-pool.ts'
import { userPoolClientOperations } from './user-pool-client.ts'
import { userPoolDomainOperations } from './user-pool-domain.ts'
import { verifyAttributeOperations } from './verify-attribute.ts'

export function cognitoIdp(model: ServiceModel, pools: UserPools): Service {
  return {
    model,
    scopeOf: (_operation, input) => publicScope(pools, input),
    operations: {
      ...userPoolOperations(pools),
      ...userPoolClientOperations(pools),
      ...adminUserOperations(pools),
      ...forgotPasswordOperations(pools),
      ...groupOperations,
      ...groupMemberOperations,
      ...initiateAuthOperations(pools),
      ...listUsersOperations,
      ...mfaOperations(pools),
      ...refreshOperations(pools),
      ...respondToAuthChallengeOperations(pools),
      ...selfOperations(pools),
      ...signUpOperations(pools),
      ...softwareTokenOperations(pools),
      ...verifyAttributeOperations(pools),
      ...resourceServerOperations,
      ...userPoolDomainOperations(pools),
      ...tagOperations,
      ...uiCustomizationOperations(pools),
      ...userImportOperations(pools),
      ...unsupportedOperations,
    },
  }
}
