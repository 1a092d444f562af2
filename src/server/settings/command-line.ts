/**
 * The command line, taken apart: the command, its flags by setting, and what is left.
 *
 * Pure. `--flag value` and `--flag=value` mean the same; a switch stands alone and `--no-switch` turns it off; `--`
 * ends the flags. A flag that no setting has, or that the command does not read, is refused with the nearest name.
 */

import { nearestName } from '../../expression/did-you-mean.ts'
import { usageFailure } from '../failure.ts'
import { keyOf, settingOfKey } from './setting-names.ts'
import { SETTINGS, type Setting, type SettingName, settingsOf } from './settings.ts'

export interface CommandLine {
  /** The first word that is no flag; '' when there is none. */
  readonly command: string
  /** The words after it. */
  readonly operands: readonly string[]
  readonly flags: ReadonlyMap<SettingName, readonly string[]>
  readonly help: boolean
  readonly version: boolean
}

/** Throws a usage failure for a flag that does not exist or lacks its value. */
export function parseCommandLine(words: readonly string[]): CommandLine {
  const operands: string[] = []
  const flags = new Map<SettingName, string[]>()
  let help = false
  let version = false
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (word === '--') {
      operands.push(...words.slice(i + 1))
      break
    }
    if (word === '--help' || word === '-h') help = true
    else if (word === '--version' || word === '-v') version = true
    else if (word.startsWith('-') && word !== '-') {
      const flag = readFlag(word, words[i + 1])
      if (flag.usesNext) i++
      flags.set(flag.name, [...(flags.get(flag.name) ?? []), flag.value])
    } else operands.push(word)
  }
  return { command: operands[0] ?? '', operands: operands.slice(1), flags, help, version }
}

/** Refuses the flags that `command` would silently ignore. */
export function checkFlagsOf(command: string, line: CommandLine): void {
  const known = settingsOf(command)
  for (const name of line.flags.keys()) {
    if (known.includes(name)) continue
    const users = (SETTINGS[name] as Setting).commands.map((user) => `postern ${user}`).join(', ')
    throw usageFailure(`postern ${command} has no flag --${keyOf(name)}`, `It belongs to ${users}.`)
  }
}

interface Flag {
  readonly name: SettingName
  readonly value: string
  readonly usesNext: boolean
}

function readFlag(word: string, next: string | undefined): Flag {
  const equals = word.indexOf('=')
  const written = equals < 0 ? word : word.slice(0, equals)
  const key = written.replace(/^--/, '')
  const name = settingOfKey(key)
  if (name === undefined) return readNegated(word, key)
  if (equals >= 0) return { name, value: word.slice(equals + 1), usesNext: false }
  if (SETTINGS[name].type.placeholder === '') return { name, value: 'true', usesNext: false }
  if (next === undefined || next.startsWith('--')) {
    throw usageFailure(`${written} needs a value: ${written} ${SETTINGS[name].type.placeholder}`)
  }
  return { name, value: next, usesNext: true }
}

function readNegated(word: string, key: string): Flag {
  const name = key.startsWith('no-') ? settingOfKey(key.slice(3)) : undefined
  const isSwitch = name !== undefined && SETTINGS[name].type.placeholder === ''
  if (isSwitch && !word.includes('=')) return { name, value: 'false', usesNext: false }
  throw unknownFlag(key)
}

function unknownFlag(key: string) {
  const keys = [
    'help',
    'version',
    ...Object.keys(SETTINGS).map((name) => keyOf(name as SettingName)),
  ]
  const near = nearestName(key, keys)
  const mend = near === undefined ? 'postern help lists every flag.' : `Did you mean --${near}?`
  return usageFailure(`Unknown flag ${key.startsWith('-') ? key : `--${key}`}`, mend)
}
