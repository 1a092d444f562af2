/**
 * Conditions of rules: what they may be, and how they are shown.
 *
 * Those of host and path have two forms, of which each fills the other: `Values`, and the values of a configuration.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */

import { isIP } from 'node:net'
import type {
  QueryStringKeyValuePair,
  RuleCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { WriteContext } from '../service.ts'
import { invalid, notSupported } from './errors.ts'

const CONFIGS: Readonly<Record<string, keyof RuleCondition>> = {
  'host-header': 'HostHeaderConfig',
  'path-pattern': 'PathPatternConfig',
  'http-header': 'HttpHeaderConfig',
  'http-request-method': 'HttpRequestMethodConfig',
  'query-string': 'QueryStringConfig',
  'source-ip': 'SourceIpConfig',
}
const ONCE = ['host-header', 'path-pattern', 'http-request-method', 'source-ip']
/** RFC 9110, 5.6.2; the wildcards of a pattern beside what stands in a path. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}$/
const PATTERNS: Readonly<Record<string, RegExp>> = {
  'host-header': /^[A-Za-z0-9.*?-]{1,128}$/,
  'path-pattern': /^[A-Za-z0-9_\-.$/~"'@:+&*?%]{1,128}$/,
  'http-header': /^[\x20-\x7e]{1,128}$/,
  'http-request-method': /^[A-Z_-]{1,40}$/,
}

export function checkedConditions(
  conditions: readonly RuleCondition[],
  { settings }: WriteContext,
): RuleCondition[] {
  if (conditions.length === 0) throw invalid('A condition must be specified')
  const checked = conditions.map(checkedCondition)
  for (const field of ONCE) {
    if (checked.filter(({ Field }) => Field === field).length > 1) {
      throw invalid(`A rule can only have one '${field}' condition`)
    }
  }
  const { conditionValuesPerRule: most } = settings.limits
  const count = checked.reduce((sum, condition) => sum + valuesOf(condition).length, 0)
  if (count > most) throw invalid(`A rule can only have '${most}' condition values`)
  return checked
}

/** As texts, whatever the field. */
export function valuesOf(condition: RuleCondition): readonly string[] {
  const config = condition[CONFIGS[condition.Field ?? ''] ?? 'Values'] as
    | { readonly Values?: readonly (string | QueryStringKeyValuePair)[] }
    | undefined
  return (config?.Values ?? []).map((value) =>
    typeof value === 'string' ? value : `${value.Key ?? ''}=${value.Value ?? ''}`,
  )
}

function checkedCondition(condition: RuleCondition): RuleCondition {
  const field = condition.Field ?? ''
  const member = CONFIGS[field]
  if (member === undefined) {
    throw invalid(
      `Condition field '${field.slice(0, 50)}' must be one of '${Object.keys(CONFIGS).join(', ')}'`,
    )
  }
  refuseForeign(condition, member)
  const config = configOf(condition, member)
  const Values = config.Values as readonly (string | QueryStringKeyValuePair)[]
  if (Values.length === 0) throw invalid(`A condition value must be specified for '${field}'`)
  for (const value of Values) refuseWrong(field, value)
  if (field === 'http-header' && !TOKEN.test(config.HttpHeaderName ?? '')) {
    throw invalid('The HTTP header name of a condition is not valid')
  }
  const shown = { Field: field, [member]: config }
  const isTwofold = field === 'host-header' || field === 'path-pattern'
  return isTwofold ? { ...shown, Values: Values as string[] } : shown
}

interface Config {
  readonly HttpHeaderName?: string
  readonly Values: readonly unknown[]
}

function configOf(condition: RuleCondition, member: keyof RuleCondition): Config {
  const config = condition[member] as (Partial<Config> & { RegexValues?: unknown }) | undefined
  if (condition.RegexValues !== undefined || config?.RegexValues !== undefined) {
    throw notSupported('A regular expression in a condition')
  }
  const isTwofold = member === 'HostHeaderConfig' || member === 'PathPatternConfig'
  if (condition.Values !== undefined && !isTwofold) {
    throw invalid(`Values cannot be specified for '${condition.Field}'; use ${member}`)
  }
  const values = config?.Values ?? condition.Values ?? []
  const { HttpHeaderName } = config ?? {}
  return HttpHeaderName === undefined ? { Values: values } : { HttpHeaderName, Values: values }
}

function refuseForeign(condition: RuleCondition, own: string): void {
  for (const [member, value] of Object.entries(condition)) {
    if (value === undefined || !member.endsWith('Config') || member === own) continue
    throw invalid(`${member} cannot be specified for '${condition.Field}'`)
  }
}

function refuseWrong(field: string, value: string | QueryStringKeyValuePair): void {
  if (isRight(field, value)) return
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  throw invalid(`Condition value '${text.slice(0, 200)}' of '${field}' is not valid`)
}

function isRight(field: string, value: string | QueryStringKeyValuePair): boolean {
  if (typeof value !== 'string') {
    const { Key, Value = '' } = value
    return (
      /^[\x21-\x7e]{1,128}$/.test(Value) && (Key === undefined || /^[\x21-\x7e]{1,128}$/.test(Key))
    )
  }
  return field === 'source-ip' ? isCidr(value) : PATTERNS[field]!.test(value)
}

function isCidr(text: string): boolean {
  const [address = '', bits = '', ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0 || !/^\d{1,3}$/.test(bits)) return false
  return Number(bits) <= (family === 4 ? 32 : 128)
}
