/** The model of user pools as the program uses it: the table of the SDK package with what it does not say. */

import { withConstraints } from '../../aws/constraints.ts'
import type { ServiceModel } from '../../aws/service-model.ts'
import { CONSTRAINTS } from './constraints.ts'
import { MODEL } from './generated/model.ts'

/** Parses the table; whoever serves the API calls this once. Its actions are called by the name that policies use. */
export function readCognitoIdpModel(): ServiceModel {
  const model = { ...(JSON.parse(MODEL) as ServiceModel), name: 'cognito-idp' }
  return withConstraints(model, CONSTRAINTS)
}
