/**
 * From the command line, the environment and postern.yaml to one `Settings` value.
 *
 * Every source yields texts by setting; the first source that has any wins; then each text is read by the type of its
 * setting. A mistake names where it stands: the flag, the variable, or the key of the file.
 */

import { readFile } from 'node:fs/promises'
import { messageOf } from '../../base/message-of.ts'
import { nearestName } from '../../expression/did-you-mean.ts'
import { codeOf, usageFailure } from '../failure.ts'
import type { CommandLine } from './command-line.ts'
import { keyOf, settingOfKey, variableOf } from './setting-names.ts'
import {
  defaultOf,
  SETTING_NAMES,
  SETTINGS,
  type Setting,
  type SettingName,
  type Settings,
} from './settings.ts'
import { ValueError } from './value-type.ts'

/** Texts by setting, and how the author of this source names one. */
export interface SettingsSource {
  readonly texts: ReadonlyMap<SettingName, readonly string[]>
  readonly nameOf: (name: SettingName) => string
}

export interface SettingsInput {
  readonly command: string
  readonly line: CommandLine
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** The settings in force for one command. Reads postern.yaml, if there is one. */
export async function readSettings(input: SettingsInput): Promise<Settings> {
  const given = [flagSource(input.line), environmentSource(input.environment)]
  const { config } = resolveSettings(input.command, given)
  const named = given.some((source) => source.texts.has('config'))
  const file = await fileSource(config, named)
  return resolveSettings(input.command, [...given, file])
}

/** Pure: the first source that names a setting decides it. */
export function resolveSettings(command: string, sources: readonly SettingsSource[]): Settings {
  const values: Partial<Record<SettingName, unknown>> = {}
  for (const name of SETTING_NAMES) values[name] = resolveOne(name, command, sources)
  return values as Settings
}

function resolveOne(name: SettingName, command: string, sources: readonly SettingsSource[]) {
  const { type }: Setting = SETTINGS[name]
  const source = sources.find((candidate) => candidate.texts.has(name))
  const standard = defaultOf(name, command)
  const texts = source?.texts.get(name) ?? (standard === undefined ? [] : [standard])
  try {
    return type.read(texts)
  } catch (thrown) {
    if (!(thrown instanceof ValueError)) throw thrown
    throw usageFailure(`${source?.nameOf(name) ?? keyOf(name)} ${thrown.message}`)
  }
}

export function flagSource(line: CommandLine): SettingsSource {
  return { texts: line.flags, nameOf: (name) => `--${keyOf(name)}` }
}

/**
 * An empty variable counts as not set. Unknown `POSTERN_…` variables are left alone: Kubernetes makes such names for
 * every service that is called postern.
 */
export function environmentSource(
  environment: Readonly<Record<string, string | undefined>>,
): SettingsSource {
  const texts = new Map<SettingName, readonly string[]>()
  for (const name of SETTING_NAMES) {
    const value = environment[variableOf(name)]
    if (value === undefined || value === '') continue
    texts.set(name, (SETTINGS[name] as Setting).type.repeated ? value.split(',') : [value])
  }
  return { texts, nameOf: variableOf }
}

async function fileSource(file: string, required: boolean): Promise<SettingsSource> {
  let text = ''
  try {
    text = await readFile(file, 'utf8')
  } catch (thrown) {
    if (codeOf(thrown) !== 'ENOENT' || required) throw unreadable(file, messageOf(thrown))
  }
  if (text.trim() === '') return { texts: new Map(), nameOf: keyOf }
  const { parse } = await import('yaml')
  let document: unknown
  try {
    document = parse(text, { maxAliasCount: 0 })
  } catch (thrown) {
    const [reason = ''] = messageOf(thrown).split('\n')
    throw usageFailure(
      `The settings file ${file} is not YAML: ${reason.replace(/:$/, '')}`,
      'Write one setting a line, such as "http: 8080", and indent with spaces.',
    )
  }
  return documentSource(document, file)
}

function unreadable(file: string, reason: string) {
  return usageFailure(
    `The settings file ${file} cannot be read: ${reason}`,
    'Check the path and its permissions, or name another with --config FILE.',
  )
}

/** The parsed content of postern.yaml. */
export function documentSource(document: unknown, file: string): SettingsSource {
  const texts = new Map<SettingName, readonly string[]>()
  if (document === null || typeof document !== 'object' || Array.isArray(document)) {
    throw usageFailure(`${file} must be a mapping of settings, such as "http: 8080"`)
  }
  for (const [key, value] of Object.entries(document)) {
    const name = settingOfKey(key)
    if (name === undefined || name === 'config') throw unknownKey(key, file)
    texts.set(name, textsOf(value, (SETTINGS[name] as Setting).type.repeated, `${file}: ${key}`))
  }
  return { texts, nameOf: (name) => `${file}: ${keyOf(name)}` }
}

function unknownKey(key: string, file: string) {
  const near = nearestName(key, SETTING_NAMES.map(keyOf))
  const mend = near === undefined ? 'postern help up lists every setting.' : `Did you mean ${near}?`
  return usageFailure(`${file}: ${key} is not a setting`, mend)
}

/** A scalar, or where a setting repeats a list of scalars or a mapping of names to scalars. */
function textsOf(value: unknown, repeated: boolean, place: string): string[] {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return [String(value)]
  }
  if (repeated && Array.isArray(value)) return value.flatMap((item) => textsOf(item, false, place))
  if (repeated && value !== null && typeof value === 'object') {
    return Object.entries(value).map(([name, item]) => `${name}=${textsOf(item, false, place)[0]}`)
  }
  throw usageFailure(`${place} must be ${repeated ? 'a list or a mapping' : 'a single value'}`)
}
