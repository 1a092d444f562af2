/**
 * What `postern up` says when it is ready: every API with its addresses, for people as lines, for programs as facts.
 */

import type { ApiList, ApiSummary, BoundPorts } from './api-list.ts'

export interface ReadyReport {
  readonly version: string
  /** From the start of the process to the first open data port. */
  readonly startMs: number
  readonly workers: number
  readonly list: ApiList
  readonly ports: BoundPorts
  readonly controlUrl: string | undefined
  /** The file that makes clients trust the HTTPS port; undefined without HTTPS. */
  readonly caFile: string | undefined
}

/** For people. */
export function readyLines(report: ReadyReport): string[] {
  const workers = report.workers === 1 ? '1 worker' : `${report.workers} workers`
  const lines = [`Postern ${report.version} is ready after ${report.startMs} ms (${workers})`, '']
  for (const api of report.list.apis) lines.push(...apiLines(api))
  if (report.controlUrl !== undefined) {
    lines.push(`  control  ${report.controlUrl}  (healthz, readyz, metrics, _postern/apis)`)
  }
  if (report.caFile !== undefined) {
    lines.push(`  HTTPS    trust it with: curl --cacert ${report.caFile}`)
  }
  return lines
}

function apiLines(api: ApiSummary): string[] {
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
  const { version, startMs, workers, ports, controlUrl, caFile } = report
  const apis = report.list.apis.map(({ routes, ...api }) => ({ ...api, routes: routes.length }))
  return { version, startMs, workers, ...ports, control: controlUrl, caFile, apis }
}

/** Names come from definitions: no control byte of theirs reaches the terminal. */
function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?')
}
