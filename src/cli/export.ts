/** `postern export`: an API as an OpenAPI definition, the draft or what a stage serves, on standard output. */

import type { CommandInput } from './command.ts'
import { connect } from './control-client.ts'
import { chooseApi } from './named-api.ts'

export async function exportApi({ settings, operands, terminal }: CommandInput): Promise<number> {
  const client = await connect(settings, terminal.environment)
  const { ApiId } = await chooseApi(client, operands[0])
  const { stage, extensions, format, json } = settings
  const { body } = await client.gateway('ExportApi', {
    ApiId,
    Specification: 'OAS30',
    OutputType: json || format === 'json' ? 'JSON' : 'YAML',
    IncludeExtensions: extensions,
    ...(stage === undefined ? {} : { StageName: stage }),
  })
  const text = new TextDecoder().decode(body)
  terminal.out(text.endsWith('\n') ? text : `${text}\n`)
  return 0
}
