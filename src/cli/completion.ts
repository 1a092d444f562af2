/** `postern completion`: a script for the shell, from the tables of commands and settings. */

import { usageFailure } from '../server/failure.ts'
import { keyOf } from '../server/settings/setting-names.ts'
import {
  SETTINGS,
  type Setting,
  type SettingName,
  settingsOf,
} from '../server/settings/settings.ts'
import { type CommandInput, printJson } from './command.ts'
import { COMMANDS, commandOf } from './commands.ts'

const SHELLS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const

export async function completion({ settings, operands, terminal }: CommandInput): Promise<number> {
  const [shell = ''] = operands
  const names = Object.keys(SHELLS).join(', ')
  if (!Object.hasOwn(SHELLS, shell)) {
    throw usageFailure(`Which shell? There are ${names}`, 'For example: postern completion bash')
  }
  const script = SHELLS[shell as keyof typeof SHELLS]()
  if (settings.json) printJson(terminal, { shell, script })
  else terminal.out(script)
  return 0
}

interface CompletedFlag {
  readonly flag: string
  readonly takesValue: boolean
  readonly words: readonly string[]
  readonly completes: 'nothing' | 'file' | 'directory'
  readonly description: string
}

function flagsOf(command: string): CompletedFlag[] {
  return settingsOf(command).map((name: SettingName) => {
    const { type, description, default: standard }: Setting = SETTINGS[name]
    const { words, completes } = type
    const takesValue = type.placeholder !== ''
    // What is on already is only ever turned off.
    const flag = takesValue || standard !== 'true' ? `--${keyOf(name)}` : `--no-${keyOf(name)}`
    return { flag, takesValue, words, completes, description }
  })
}

/** Words that stand behind a command; undefined: files. */
function operandWords(command: string): readonly string[] | undefined {
  if (command === 'completion') return Object.keys(SHELLS)
  if (command === 'help') return COMMANDS.map(({ name }) => name)
  return commandOf(command)?.operandWords
}

function bashScript(): string {
  const names = COMMANDS.map(({ name }) => name).join(' ')
  return [
    '_postern() {',
    '  local word=$2 previous=$3 postern command rest',
    '  read -r postern command rest <<< "$COMP_LINE"',
    '  COMPREPLY=()',
    // Bash takes the = of --flag=value for a word of its own.
    '  if [[ $word == = ]]; then word=',
    '  elif [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi',
    '  if [[ $COMP_CWORD -eq 1 ]]; then',
    `    COMPREPLY=($(compgen -W "${names} --help --version" -- "$word"))`,
    '    return',
    '  fi',
    '  case "$previous" in',
    ...allFlags().flatMap(bashValue),
    '  esac',
    '  case "$command" in',
    ...COMMANDS.flatMap(({ name }) => bashCommand(name)),
    '  esac',
    '}',
    'complete -o filenames -F _postern postern',
    '',
  ].join('\n')
}

/** Each flag once, whichever command has it. */
function allFlags(): CompletedFlag[] {
  const all = COMMANDS.flatMap(({ name }) => flagsOf(name))
  return [...new Map(all.map((flag) => [flag.flag, flag])).values()]
}

function bashValue({ flag, takesValue, words, completes }: CompletedFlag): string[] {
  if (!takesValue) return []
  const option = { nothing: '', file: ' -f', directory: ' -d' }[completes]
  const list = words.length === 0 ? '' : ` -W "${words.join(' ')}"`
  return [`    ${flag}) COMPREPLY=($(compgen${option}${list} -- "$word")); return ;;`]
}

function bashCommand(name: string): string[] {
  const flags = [...flagsOf(name).map(({ flag }) => flag), '--help']
  const operands = operandWords(name)
  const others = operands === undefined ? '-f' : `-W "${operands.join(' ')}"`
  return [
    `    ${name})`,
    `      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "${flags.join(' ')}" -- "$word"))`,
    `      else COMPREPLY=($(compgen ${others} -- "$word")); fi ;;`,
  ]
}

function zshScript(): string {
  return [
    '#compdef postern',
    '_postern() {',
    '  local -a commands',
    '  commands=(',
    ...COMMANDS.map(({ name, summary }) => `    ${shellQuote(`${name}:${summary}`)}`),
    '  )',
    '  if (( CURRENT == 2 )); then _describe command commands; return; fi',
    '  local command=$words[2]',
    '  shift words; (( CURRENT-- ))',
    '  case $command in',
    ...COMMANDS.flatMap(({ name }) => zshCommand(name)),
    '  esac',
    '}',
    'compdef _postern postern',
    '',
  ].join('\n')
}

function zshCommand(name: string): string[] {
  const operands = operandWords(name)
  const others = operands === undefined ? '*:definition:_files' : `1:word:(${operands.join(' ')})`
  const specs = [...flagsOf(name).map(zshFlag), others]
  return [`    ${name}) _arguments ${specs.map(shellQuote).join(' ')} ;;`]
}

function zshFlag({ flag, takesValue, words, completes, description }: CompletedFlag): string {
  const about = description.replace(/[[\]:]/g, (character) => `\\${character}`)
  if (!takesValue) return `${flag}[${about}]`
  const action = { nothing: `(${words.join(' ')})`, file: '_files', directory: '_files -/' }
  return `*${flag}=[${about}]:value:${action[completes]}`
}

function fishScript(): string {
  const lines = ['complete -c postern -f']
  for (const { name, summary } of COMMANDS) {
    const about = `-a ${name} -d ${shellQuote(summary)}`
    lines.push(`complete -c postern -n __fish_use_subcommand ${about}`)
    const when = `-n ${shellQuote(`__fish_seen_subcommand_from ${name}`)}`
    const operands = operandWords(name)
    lines.push(
      operands === undefined
        ? `complete -c postern ${when} -F`
        : `complete -c postern ${when} -a ${shellQuote(operands.join(' '))}`,
    )
    for (const flag of flagsOf(name)) lines.push(`complete -c postern ${when} ${fishFlag(flag)}`)
  }
  return `${lines.join('\n')}\n`
}

function fishFlag({ flag, takesValue, words, completes, description }: CompletedFlag): string {
  const about = `-l ${flag.slice(2)} -d ${shellQuote(description)}`
  if (!takesValue) return about
  const values = completes === 'nothing' ? `-a ${shellQuote(words.join(' '))}` : '-F'
  return `${about} -r ${values}`
}

/** Safe in every one of the three shells: our texts hold no backslash before a quote. */
function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
