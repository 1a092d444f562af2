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
import { publicScope } from './public-scope.ts'
import { resourceServerOperations } from './resource-server.ts'
import { tagOperations } from './tags.ts'
import { unsupportedOperations } from './unsupported.ts'
import { userPoolOperations } from './user-pool.ts'
import { userPoolClientOperations } from './user-pool-client.ts'
import { userPoolDomainOperations } from './user-pool-domain.ts'

export function cognitoIdp(model: ServiceModel, pools: UserPools): Service {
  return {
    model,
    scopeOf: (_operation, input) => publicScope(pools, input),
    operations: {
      ...userPoolOperations(pools),
      ...userPoolClientOperations(pools),
      ...resourceServerOperations,
      ...userPoolDomainOperations(pools),
      ...tagOperations,
      ...unsupportedOperations,
    },
  }
}
