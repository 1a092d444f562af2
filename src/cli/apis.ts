/** `postern apis`: asks the control port of a running Postern which APIs it serves. */

import http from 'node:http'
import type { ApiList } from '../server/api-list.ts'
import { codeOf, failure, messageOf, usageFailure } from '../server/failure.ts'
import { type CommandInput, printJson, printLines } from './command.ts'
import { printable, renderTable } from './text-table.ts'

const PATH = '/_postern/apis'
const TIMEOUT_MS = 5_000
/** Far more than ten thousand routes need. */
const ANSWER_BYTES_MAX = 67_108_864

export async function apis({ settings, terminal }: CommandInput): Promise<number> {
  if (settings.control === undefined) {
    throw usageFailure('--control off: there is nothing to ask', 'Name the port: --control 9080')
  }
  const address = { host: settings.controlHost, port: settings.control }
  const list = await ask(address)
  if (settings.json) printJson(terminal, list)
  else printLines(terminal, tableOf(list))
  return 0
}

function tableOf({ apis }: ApiList): string[] {
  if (apis.length === 0) return ['No API is deployed.']
  return renderTable(
    ['ID', 'NAME', 'TYPE', 'STAGE', 'ROUTES', 'URL'],
    apis.map((api) => [
      api.apiId,
      printable(api.name),
      api.protocolType,
      api.stage,
      String(api.routes.length),
      api.urls[0] ?? 'none',
    ]),
  )
}

interface ControlAddress {
  readonly host: string
  readonly port: number
}

async function ask(address: ControlAddress): Promise<ApiList> {
  const place = `${address.host}:${address.port}`
  try {
    return readList(JSON.parse(await get(address)))
  } catch (thrown) {
    if (codeOf(thrown) === 'ECONNREFUSED') {
      throw failure(
        `No Postern is running here: nothing answers at ${place}`,
        'Start one with postern up, or name its control port: --control PORT.',
      )
    }
    throw failure(
      `The control port at ${place} gave no list of APIs: ${messageOf(thrown)}`,
      'Is another program listening there? Name the right port: --control PORT.',
    )
  }
}

function readList(value: unknown): ApiList {
  const list = value as Partial<ApiList> | null
  if (Array.isArray(list?.apis)) return list as ApiList
  throw new Error('the answer is not one of Postern')
}

function get({ host, port }: ControlAddress): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host, port, path: PATH, timeout: TIMEOUT_MS }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        if (text.length > ANSWER_BYTES_MAX) request.destroy(new Error('the answer is too large'))
      })
      response.on('error', reject)
      response.on('end', () =>
        response.statusCode === 200
          ? resolve(text)
          : reject(new Error(`status ${response.statusCode}`)),
      )
    })
    request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)))
    request.on('error', reject)
  })
}
