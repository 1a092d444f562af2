/** What the settings for tracing come to. Reads the file of rules, if there is one. */

import { readFile } from 'node:fs/promises'
import { messageOf } from '../../base/message-of.ts'
import { TRACE_FORMATS } from '../../observability/tracing/call-trace.ts'
import { reservoirBytes } from '../../observability/tracing/sampler.ts'
import {
  AWS_RULE,
  rateRule,
  readSamplingRules,
  type SamplingRule,
} from '../../observability/tracing/sampling-rules.ts'
import { usageFailure } from '../failure.ts'
import type { Environment } from '../settings/otlp-settings.ts'
import type { Settings } from '../settings/settings.ts'
import type { TracingBirth } from '../worker/worker-tracing.ts'

/** Undefined: calls are not traced. Throws a Failure. */
export async function planTracing(
  settings: Settings,
  exporters: Pick<TracingBirth, 'toOtlp' | 'toXray'>,
): Promise<TracingBirth | undefined> {
  const { trace, traceRules, traceTrust, traceHeaders } = settings
  if (trace === 'off') {
    if (traceRules === undefined) return undefined
    throw usageFailure('--trace-rules: tracing is off', 'Add --trace rules.')
  }
  const rules = await rulesOf(settings)
  const reservoirs = new SharedArrayBuffer(Math.max(4, reservoirBytes(rules.length)))
  const formats = traceHeaders.reduce((sum, format) => sum | TRACE_FORMATS[format], 0)
  return { settings: { rules, reservoirs, trust: traceTrust, formats }, ...exporters }
}

async function rulesOf({ trace, traceRules }: Settings): Promise<readonly SamplingRule[]> {
  if (trace !== 'rules' && traceRules !== undefined) {
    throw usageFailure(`--trace-rules: --trace is ${trace}`, 'Write --trace rules.')
  }
  if (trace === 'passive' || trace === 'off') return []
  if (trace === 'aws') return [AWS_RULE]
  if (trace !== 'rules') return [rateRule(trace)]
  if (traceRules === undefined) {
    throw usageFailure('--trace rules: there is no file of rules', 'Name it: --trace-rules FILE.')
  }
  try {
    return readSamplingRules(await readFile(traceRules, 'utf8'))
  } catch (thrown) {
    throw usageFailure(
      `--trace-rules: ${traceRules} cannot be used: ${messageOf(thrown)}`,
      'docs/guide/tracing.md shows such a file.',
    )
  }
}

export interface XrayAddress {
  readonly host: string
  readonly port: number
}

/** That of the settings, or of the variable that X-Ray's SDKs read (`127.0.0.1:2000`, `tcp:… udp:…`). */
export function xrayDaemonOf(
  { xrayDaemon }: Pick<Settings, 'xrayDaemon'>,
  environment: Environment,
): XrayAddress | undefined {
  const text = xrayDaemon ?? environment['AWS_XRAY_DAEMON_ADDRESS']
  if (text === undefined || text === '') return undefined
  const words = text.split(' ')
  const udp = words.find((word) => word.startsWith('udp:'))?.slice(4) ?? words[0]!
  const [, host, port] = /^\[?([\w.:-]+?)\]?:(\d{1,5})$/.exec(udp) ?? []
  if (host !== undefined && Number(port) > 0 && Number(port) <= 65_535) {
    return { host, port: Number(port) }
  }
  throw usageFailure(`AWS_XRAY_DAEMON_ADDRESS must be HOST:PORT, not ${JSON.stringify(text)}`)
}
