/**
 * `postern env`: the lines that point AWS tools of this shell at the Postern of the data folder.
 *
 * Reads the folder and asks nobody. Every value is quoted for its shell: the lines are there to be evaluated.
 */

import { failure } from '../server/failure.ts'
import { type CommandInput, printJson } from './command.ts'
import { dataFolderAccess } from './control-access.ts'

interface Shell {
  readonly set: (name: string, value: string) => string
  readonly unset: (name: string) => string
}

const SHELLS: Readonly<Record<'sh' | 'fish' | 'powershell', Shell>> = {
  sh: {
    set: (name, value) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`,
    unset: (name) => `unset ${name}`,
  },
  fish: {
    set: (name, value) => `set -gx ${name} '${value.replace(/['\\]/g, '\\$&')}'`,
    unset: (name) => `set -e ${name}`,
  },
  powershell: {
    set: (name, value) => `$Env:${name} = '${value.replaceAll("'", "''")}'`,
    unset: (name) => `Remove-Item Env:${name}`,
  },
}

/** Of a real AWS account: with it, tools would sign for a session that Postern does not know. */
const SESSION_TOKEN = 'AWS_SESSION_TOKEN'

export async function env({ settings, terminal }: CommandInput): Promise<number> {
  const { url, region, key } = await dataFolderAccess(settings, terminal.environment)
  if (key === undefined) {
    throw failure(
      `There is no access key in the data folder ${settings.data}`,
      'A Postern makes one at its first start with this folder: postern up.',
    )
  }
  const variables = {
    AWS_ENDPOINT_URL: url.replace(/\/$/, ''),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
  }
  if (settings.json) {
    printJson(terminal, variables)
    return 0
  }
  const { set, unset } = SHELLS[settings.shell]
  const hasSession = (terminal.environment[SESSION_TOKEN] ?? '') !== ''
  const lines = Object.entries(variables).map(([name, value]) => set(name, value))
  if (hasSession) lines.push(unset(SESSION_TOKEN))
  terminal.out(`${lines.join('\n')}\n`)
  return 0
}
