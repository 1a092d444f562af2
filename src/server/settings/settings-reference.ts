/**
 * The settings table as text: docs/reference/settings.md, and the flags part of a command's help.
 *
 * Pure; `tools/reference-docs.ts` writes the page and a test keeps it in step with the table.
 */

import { keyOf, variableOf } from './setting-names.ts'
import {
  defaultOf,
  SETTING_NAMES,
  SETTINGS,
  type Setting,
  type SettingName,
  settingsOf,
} from './settings.ts'

/** The whole page, in Markdown. */
export function renderSettingsReference(): string {
  return [
    '# Settings',
    '',
    'Every setting can be given in three ways: as a flag, as an environment variable, or as a key of',
    '`postern.yaml` in the working directory (another file: `--config FILE`). The flag wins over the',
    'variable, the variable over the file, the file over the default. An empty variable counts as not',
    'given. A setting that may be repeated is a list or a mapping in `postern.yaml` and a text separated',
    'by commas in a variable.',
    '',
    '| Flag | Variable | Key | Default | Read by | Meaning |',
    '|---|---|---|---|---|---|',
    ...SETTING_NAMES.map(renderRow),
    '',
    '```yaml',
    '# postern.yaml',
    'http: 8080',
    'https: off',
    'workers: 2',
    'target: http://localhost:3000',
    'access-log: json',
    'stage-variable:',
    '  origin: orders.internal:8000',
    'trusted-proxies: [10.0.0.0/8]',
    '```',
    '',
  ].join('\n')
}

function renderRow(name: SettingName): string {
  const setting: Setting = SETTINGS[name]
  const key = name === 'config' ? '' : `\`${keyOf(name)}\``
  const cells = [
    `\`${flagOf(name)}\``,
    `\`${variableOf(name)}\``,
    key,
    renderDefault(name),
    setting.commands.join(', '),
    setting.description,
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function renderDefault(name: SettingName): string {
  const setting: Setting = SETTINGS[name]
  const standard = setting.default === undefined ? '' : `\`${setting.default}\``
  const others = Map.groupBy(Object.entries(setting.defaultOf ?? {}), ([, value]) => value)
  const groups = [...others].map(
    ([value, pairs]) => `${pairs.map(([command]) => command).join(', ')}: \`${value}\``,
  )
  return [standard, ...groups].join('; ')
}

/** `--http PORT|off` */
function flagOf(name: SettingName): string {
  return `--${keyOf(name)} ${SETTINGS[name].type.placeholder}`.trimEnd()
}

/** A command's flags with their meaning and default: two columns of help text. */
export function flagRows(command: string): [string, string][] {
  return settingsOf(command).map((name) => {
    const standard = defaultOf(name, command)
    const shown = standard === undefined || standard === 'false' ? '' : ` [${standard}]`
    return [flagOf(name), `${SETTINGS[name].description}${shown}`]
  })
}
