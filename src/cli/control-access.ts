/**
 * Which Postern a command talks to, and with which key.
 *
 * `--endpoint` wins over a `--data` that was given, that over AWS_ENDPOINT_URL, that over the usual data folder. Keys of
 * the environment are used with an endpoint that the user has named, never with the one of the data folder: there they may
 * be those of a real AWS account.
 */

import { failure } from '../server/failure.ts'
import { SETTINGS, type Settings } from '../server/settings/settings.ts'
import type { Terminal } from './command.ts'
import { readControlFile, readLocalKey } from './data-folder.ts'

export interface ControlKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface ControlAccess {
  /** Ends with a slash. */
  readonly url: string
  readonly region: string
  /** Undefined: calls are not signed, which --insecure-control allows. */
  readonly key: ControlKey | undefined
  /** Who named the address: `--endpoint`. */
  readonly source: '--endpoint' | 'AWS_ENDPOINT_URL' | '--data'
}

/** The settings that decide it. */
export type AccessSettings = Pick<Settings, 'endpoint' | 'data' | 'region' | 'installationKeyFile'>

const REGION_DEFAULT = 'us-east-1'

export async function findControlAccess(
  settings: AccessSettings,
  environment: Terminal['environment'],
): Promise<ControlAccess> {
  const { endpoint } = settings
  const variable = environment['AWS_ENDPOINT_URL'] ?? ''
  const namesFolder = settings.data !== SETTINGS.data.default
  if (endpoint === undefined && (variable === '' || namesFolder)) {
    return dataFolderAccess(settings, environment)
  }
  return {
    url: checkedUrl(endpoint ?? variable),
    region: regionOf(settings, environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION']),
    key: environmentKey(environment) ?? (await folderKey(settings, environment)),
    source: endpoint === undefined ? 'AWS_ENDPOINT_URL' : '--endpoint',
  }
}

/** What the data folder alone says; throws a failure when no Postern runs there. */
export async function dataFolderAccess(
  settings: Omit<AccessSettings, 'endpoint'>,
  environment: Terminal['environment'],
): Promise<ControlAccess> {
  const control = await readControlFile(settings.data)
  return {
    url: checkedUrl(control.url),
    region: regionOf(settings, control.region),
    key: await readLocalKey(settings, environment),
    source: '--data',
  }
}

function checkedUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw failure(
      `The address of the control port is no URL: ${text}`,
      'Set AWS_ENDPOINT_URL to something like http://127.0.0.1:9080, or unset it.',
    )
  }
  return text.endsWith('/') ? text : `${text}/`
}

function regionOf({ region }: Pick<AccessSettings, 'region'>, known: string | undefined): string {
  return region === 'auto' ? known || REGION_DEFAULT : region
}

function environmentKey(environment: Terminal['environment']): ControlKey | undefined {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'] ?? ''
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'] ?? ''
  return accessKeyId === '' || secretAccessKey === '' ? undefined : { accessKeyId, secretAccessKey }
}

/** A folder that is not there, or belongs to somebody else, holds no key for us. */
async function folderKey(
  settings: AccessSettings,
  environment: Terminal['environment'],
): Promise<ControlKey | undefined> {
  try {
    return await readLocalKey(settings, environment)
  } catch {
    return undefined
  }
}
