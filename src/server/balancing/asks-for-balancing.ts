/** Whether anything of a configuration is balanced; asked before the code for it is loaded. */

import type { Configuration, HttpApiStage } from '../../domain/http-api.ts'

export function asksForBalancing({ balancing, stages }: Configuration): boolean {
  if (stages.some(hasListener)) return true
  return balancing !== undefined && Object.keys(balancing.listeners).length > 0
}

function hasListener({ integrations }: HttpApiStage): boolean {
  return Object.values(integrations).some(({ listenerArn }) => listenerArn !== undefined)
}
