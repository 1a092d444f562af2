/**
 * The resources of a whole definition, held to the rules of the calls that make them one by one, so that an import is no
 * way around a rule. The importer has checked what it reads, with finer places; what is here looks at the result.
 */

import type { HttpApiDefinition } from '../../../domain/http-api-definition.ts'
import type { ReadContext } from '../../service.ts'
import { findAuthorizerProblem } from '../authorizer-rules.ts'
import { findLinkProblem } from '../integration.ts'
import {
  checkWebSocketMembers,
  findIntegrationProblem,
  withDefaults,
} from '../integration-rules.ts'
import { findModelProblem } from '../model-rules.ts'
import { findScopesProblem } from '../route-authorization.ts'

/** One sentence for each resource that is wrong, after its place. */
export async function findDefinitionProblems(
  context: ReadContext,
  definition: HttpApiDefinition,
): Promise<string[]> {
  const { limits } = context.settings
  const { routes, integrations, authorizers, models, sources } = definition
  const problems: string[] = []
  const tell = (place: string, problem: string | undefined) => {
    if (problem !== undefined) problems.push(`${place}: error: ${problem}`)
  }
  for (const each of integrations) {
    const place = sources[each.IntegrationId ?? ''] ?? `integration ${each.IntegrationId}`
    const problem =
      checkWebSocketMembers(each) ?? findIntegrationProblem(withDefaults(each, limits), limits)
    tell(place, problem ?? (await findLinkProblem(context, each)))
  }
  for (const each of routes) {
    const place = sources[each.RouteId ?? ''] ?? `route ${each.RouteKey}`
    tell(place, findScopesProblem(each, limits))
  }
  for (const each of authorizers) {
    tell(`authorizer ${each.Name}`, findAuthorizerProblem(each, limits))
  }
  for (const each of models) tell(`model ${each.Name}`, findModelProblem(each, limits))
  return problems
}
