/** On what grounds a step refused a call: compiled with its plan, asked for once the answer is out. */

import type { Evidence } from '../observability/explain/evidence.ts'
import type { Invocation } from './invocation.ts'

/** Runs while the head of the request can still be read. Undefined: there is nothing to say. */
export type Because = (x: Invocation) => Evidence | undefined
