/** `postern explain ID`, `postern explain --last 403`: which step decided a call, and why. */

import { failure, usageFailure } from '../server/failure.ts'
import type { Settings } from '../server/settings/settings.ts'
import type { ExplainCallsRequest, ExplainCallsResponse } from '../services/postern/explain.ts'
import { type CommandInput, printJson, printLines } from './command.ts'
import { type ControlClient, connect } from './control-client.ts'
import { explainLines } from './explain-text.ts'
import { chooseApi } from './named-api.ts'
import { painter } from './paint.ts'
import { printable, timeText } from './text-table.ts'

/** Without any wish: the last call that did not end well. */
const TROUBLES = '4xx,5xx'
const STATUSES = /^[1-5](?:xx|\d\d)(?:,[1-5](?:xx|\d\d))*$/

export async function explain({ settings, operands, terminal }: CommandInput): Promise<number> {
  const [requestId] = operands
  const client = await connect(settings, terminal.environment)
  const answer = await client.postern('ExplainCalls', await requestOf(client, settings, requestId))
  const [call] = answer.Calls
  if (call === undefined) throw notFound(requestId, answer)
  if (settings.json) printJson(terminal, call)
  else printLines(terminal, explainLines(call, painter(terminal.colors), terminal.columns ?? 100))
  return 0
}

async function requestOf(
  client: ControlClient,
  { last, api, route }: Settings,
  requestId: string | undefined,
): Promise<ExplainCallsRequest> {
  if (requestId !== undefined) return { RequestId: requestId }
  const wanted = last === 'any' ? TROUBLES : last
  if (!STATUSES.test(wanted)) {
    throw usageFailure(
      `--last must be statuses, not ${printable(wanted)}`,
      'Write 404, 5xx, or 404,5xx.',
    )
  }
  return {
    Statuses: wanted.split(','),
    ...(api === undefined ? {} : { ApiId: (await chooseApi(client, api)).ApiId }),
    ...(route === undefined ? {} : { RouteKey: route }),
  }
}

function notFound(requestId: string | undefined, { Kept, KeptSince }: ExplainCallsResponse) {
  const what =
    requestId === undefined
      ? 'No such call is remembered'
      : `No call ${printable(requestId)} is remembered`
  const reach =
    Kept === 0
      ? 'Nothing has been called yet that you may see.'
      : `${Kept} calls are, back to ${timeText(KeptSince)}; limits explainCalls and explainTroubles say how many.`
  return failure(what, reach)
}
