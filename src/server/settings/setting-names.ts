/** The three spellings of a setting's name: key in postern.yaml, flag, variable. */

import { SETTING_NAMES, type SettingName } from './settings.ts'

/** `access-log`: the key in postern.yaml, and the flag behind two dashes. */
export function keyOf(name: SettingName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** `POSTERN_ACCESS_LOG` */
export function variableOf(name: SettingName): string {
  return `POSTERN_${keyOf(name).toUpperCase().replaceAll('-', '_')}`
}

const NAME_OF_KEY = new Map(SETTING_NAMES.map((name) => [keyOf(name), name]))

export function settingOfKey(key: string): SettingName | undefined {
  return NAME_OF_KEY.get(key)
}
