/** The model of ACM as the program uses it: the table of the SDK package with what it does not say. */

import { withConstraints } from '../../aws/constraints.ts'
import type { ServiceModel } from '../../aws/service-model.ts'
import { CONSTRAINTS } from './constraints.ts'
import { MODEL } from './generated/model.ts'

/** Parses the table. */
export function readAcmModel(): ServiceModel {
  return withConstraints(JSON.parse(MODEL) as ServiceModel, CONSTRAINTS)
}
