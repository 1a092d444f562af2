/**
 * What `postern up` says when it is ready: every API with its addresses, for people as lines, for programs as facts.
 */

import { isLoopbackHost } from '../base/loopback.ts'
import type { ServedApi, ServedApis } from '../domain/served-apis.ts'
import type { BoundPorts } from './api-list.ts'

export interface ReadyReport {
  readonly version: string
  /** From the start of the process to the first open data port. */
  readonly startMs: number
  readonly workers: number
  readonly list: ServedApis
  readonly ports: BoundPorts
  readonly controlUrl: string | undefined
  /** Undefined: there is no user pool. */
  readonly identityUrl: string | undefined
  /** The file that makes clients trust the HTTPS port; undefined without HTTPS. */
  readonly caFile: string | undefined
  /** The access key that this start has made; it is said once. */
  readonly firstKey: FirstKey | undefined
}

export interface FirstKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** For people. */
export function readyLines(report: ReadyReport): string[] {
  const workers = report.workers === 1 ? '1 worker' : `${report.workers} workers`
  const lines = [`Postern ${report.version} is ready after ${report.startMs} ms (${workers})`, '']
  for (const api of report.list.apis) lines.push(...apiLines(api))
  if (report.controlUrl !== undefined) {
    lines.push(...controlLines(report.controlUrl))
  }
  if (report.identityUrl !== undefined) {
    lines.push(`  identity ${report.identityUrl}/  (sign-in and keys of user pools)`)
  }
  if (report.caFile !== undefined) {
    lines.push(`  HTTPS    trust it with: curl --cacert ${report.caFile}`)
  }
  if (report.firstKey !== undefined) lines.push(...keyLines(report.firstKey))
  return lines
}

/** Signed calls are not encrypted; nobody should find that out later. */
function controlLines(url: string): string[] {
  const line = `  control  ${url}  (AWS APIs, healthz, readyz, metrics)`
  if (isLoopbackHost(new URL(url).hostname)) return [line]
  return [
    line,
    '           plain HTTP beyond this machine: what is sent there can be read on the way',
  ]
}

function keyLines({ accessKeyId, secretAccessKey }: FirstKey): string[] {
  return [
    '',
    '  The first access key of this data folder, shown this once:',
    `    ${accessKeyId}  ${secretAccessKey}`,
    '  On this machine, eval "$(postern env)" hands it to aws, SDKs and other tools.',
  ]
}

function apiLines(api: ServedApi): string[] {
  const routes = api.routes.length === 1 ? '1 route' : `${api.routes.length} routes`
  const addresses = api.urls.length === 0 ? ['no address: its endpoint is disabled'] : api.urls
  return [
    `  ${printable(api.name)}  (${api.apiId}, stage ${api.stage}, ${routes})`,
    ...addresses.map((address) => `    ${address}`),
    '',
  ]
}

/** For programs: the same without the routes, which `postern apis --json` shows. */
export function readyFacts(report: ReadyReport): object {
  const { version, startMs, workers, ports, controlUrl, identityUrl, caFile, firstKey } = report
  const apis = report.list.apis.map(({ routes, ...api }) => ({ ...api, routes: routes.length }))
  // A log is read by many: it names the key and leaves the secret to `postern env`.
  const firstKeyId = firstKey?.accessKeyId
  const addresses = { ...ports, control: controlUrl, identity: identityUrl }
  return { version, startMs, workers, ...addresses, caFile, firstKeyId, apis }
}

/** Names come from definitions: no control byte of theirs reaches the terminal. */
function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?')
}
