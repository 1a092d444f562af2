/**
 * `postern aws-model`: what an older AWS command line does not know of the API of HTTP APIs, as a file for it.
 *
 * The program `aws` and boto3 read `~/.aws/models/<service>/<date>/service-2.json` before their own tables. The file
 * is told apart by its text from one that somebody else has put there: that one is neither overwritten nor removed.
 */

import { mkdir, readFile, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { type BotocoreModel, botocoreModelOf } from '../aws/botocore-model.ts'
import { messageOf } from '../base/message-of.ts'
import { replaceFile } from '../certificates/pair-file.ts'
import { codeOf, failure, usageFailure } from '../server/failure.ts'
import { readApiGatewayV2Model } from '../services/apigatewayv2/service-model.ts'
import { type CommandInput, printJson, printLines } from './command.ts'
import { printable, renderTable } from './text-table.ts'

const ACTIONS = { show, print, install, remove } as const
const NAMES = { serviceId: 'ApiGatewayV2', fullName: 'AmazonApiGatewayV2' }
/** By which the file is known again, whichever version has written it. */
const MARK = 'Written by postern aws-model.'

type State = 'absent' | 'current' | 'outdated' | 'of somebody else'

export async function awsModel(input: CommandInput): Promise<number> {
  const [action = 'show'] = input.operands
  if (!Object.hasOwn(ACTIONS, action)) {
    const actions = Object.keys(ACTIONS).join(', ')
    throw usageFailure(
      `postern aws-model does not know ${printable(action)}`,
      `There are ${actions}.`,
    )
  }
  const text = textOf(botocoreModelOf(readApiGatewayV2Model(), NAMES, MARK))
  return ACTIONS[action as keyof typeof ACTIONS](input, { text, file: fileIn(input) })
}

interface Model {
  readonly text: string
  readonly file: string
}

async function show({ settings, terminal }: CommandInput, model: Model): Promise<number> {
  const state = await stateOf(model)
  const { file } = model
  if (settings.json) printJson(terminal, { service: 'apigatewayv2', file, state })
  else
    printLines(terminal, renderTable(['SERVICE', 'FILE', 'STATE'], [['apigatewayv2', file, state]]))
  return 0
}

async function print({ terminal }: CommandInput, { text }: Model): Promise<number> {
  terminal.out(text)
  return 0
}

async function install(input: CommandInput, model: Model): Promise<number> {
  await refuseForeign(model)
  try {
    await mkdir(path.dirname(model.file), { recursive: true })
    await replaceFile(model.file, model.text, 0o644)
  } catch (thrown) {
    throw failure(`${model.file} cannot be written: ${messageOf(thrown)}`)
  }
  const about =
    'aws apigatewayv2 and boto3 of this user take the service from there until postern aws-model remove.'
  return report(input, model, { line: `Wrote ${model.file}`, about })
}

async function remove(input: CommandInput, model: Model): Promise<number> {
  await refuseForeign(model)
  try {
    await rm(model.file, { force: true })
  } catch (thrown) {
    throw failure(`${model.file} cannot be removed: ${messageOf(thrown)}`)
  }
  const about = 'aws apigatewayv2 and boto3 of this user know what they come with.'
  return report(input, model, { line: `There is no ${model.file}`, about })
}

async function report(
  { settings, terminal }: CommandInput,
  model: Model,
  { line, about }: { readonly line: string; readonly about: string },
): Promise<number> {
  if (settings.json) printJson(terminal, { file: model.file, state: await stateOf(model) })
  else printLines(terminal, [line, about])
  return 0
}

async function refuseForeign(model: Model): Promise<void> {
  if ((await stateOf(model)) !== 'of somebody else') return
  throw failure(
    `${model.file} is not from postern`,
    'Move it away, or print the model and put it into another folder that AWS_DATA_PATH names.',
  )
}

async function stateOf({ file, text }: Model): Promise<State> {
  try {
    const found = await readFile(file, 'utf8')
    if (found === text) return 'current'
    return found.includes(JSON.stringify(MARK)) ? 'outdated' : 'of somebody else'
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return 'absent'
    throw failure(`${file} cannot be read: ${messageOf(thrown)}`)
  }
}

/** Where botocore looks for the models of a user. */
function fileIn({ terminal }: CommandInput): string {
  const home = terminal.environment['HOME'] ?? homedir()
  const { apiVersion } = readApiGatewayV2Model()
  return path.join(home, '.aws', 'models', 'apigatewayv2', apiVersion, 'service-2.json')
}

function textOf(model: BotocoreModel): string {
  return `${JSON.stringify(model)}\n`
}
