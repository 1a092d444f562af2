/**
 * Which calls are traced where nobody before us has decided: rules in the form of X-Ray's local sampling rules, tried
 * in order. Each one gives away a reservoir (so many calls a second, over all workers) and beyond it a share.
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-sdk-nodejs-configuration.html#xray-sdk-nodejs-configuration-sampling
 */

export interface SamplingRule {
  /** `{api name}/{stage}`; this and the next three may hold `*` and `?`. */
  readonly service: string
  readonly host: string
  readonly method: string
  readonly path: string
  /** Calls a second that are always traced. */
  readonly fixedTarget: number
  /** Of the rest, 0 to 1. */
  readonly rate: number
}

const ANY = { service: '*', host: '*', method: '*', path: '*' } as const

/** API Gateway's own: one call a second and five in a hundred of the rest. */
export const AWS_RULE: SamplingRule = { ...ANY, fixedTarget: 1, rate: 0.05 }

/** One share of everything. */
export function rateRule(rate: number): SamplingRule {
  return { ...ANY, fixedTarget: 0, rate }
}

/** The file is no set of rules; the message says where and why. */
export class SamplingRulesError extends Error {
  override name = 'SamplingRulesError'
}

const RULES_MAX = 100
const TARGET_MAX = 65_535
const PATTERN_CHARACTERS_MAX = 512
const MEMBERS: Readonly<Record<string, keyof typeof ANY>> = {
  service_name: 'service',
  host: 'host',
  http_method: 'method',
  url_path: 'path',
}

/** The rules of a file, its default last. Throws SamplingRulesError. */
export function readSamplingRules(text: string): readonly SamplingRule[] {
  const file = objectOf(parse(text), 'the file')
  if (file['version'] !== 2) throw new SamplingRulesError('version must be 2')
  const written = file['rules'] ?? []
  if (!Array.isArray(written)) throw new SamplingRulesError('rules must be a list')
  if (written.length > RULES_MAX) throw new SamplingRulesError(`rules are more than ${RULES_MAX}`)
  refuseOthers(file, ['version', 'rules', 'default'], 'the file')
  const rules = written.map((rule, i) => readRule(rule, `rules[${i}]`))
  return [...rules, readDefault(file['default'])]
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    throw new SamplingRulesError(`it is not JSON: ${(thrown as Error).message}`)
  }
}

function readRule(written: unknown, place: string): SamplingRule {
  const rule = objectOf(written, place)
  refuseOthers(rule, [...Object.keys(MEMBERS), 'description', 'fixed_target', 'rate'], place)
  const patterns: Record<keyof typeof ANY, string> = { ...ANY }
  for (const [member, name] of Object.entries(MEMBERS)) {
    const pattern = rule[member] ?? '*'
    if (typeof pattern !== 'string' || pattern.length > PATTERN_CHARACTERS_MAX) {
      throw new SamplingRulesError(`${place}.${member} must be a text`)
    }
    patterns[name] = pattern
  }
  return { ...patterns, ...readShares(rule, place) }
}

function readDefault(written: unknown): SamplingRule {
  const rule = objectOf(written, 'default')
  refuseOthers(rule, ['fixed_target', 'rate'], 'default')
  return { ...ANY, ...readShares(rule, 'default') }
}

function readShares(rule: Readonly<Record<string, unknown>>, place: string) {
  const { fixed_target: fixedTarget, rate } = rule
  if (!Number.isInteger(fixedTarget) || !isWithin(fixedTarget, TARGET_MAX)) {
    throw new SamplingRulesError(`${place}.fixed_target must be a whole number up to ${TARGET_MAX}`)
  }
  if (!isWithin(rate, 1)) throw new SamplingRulesError(`${place}.rate must be from 0 to 1`)
  return { fixedTarget: fixedTarget as number, rate: rate as number }
}

function isWithin(value: unknown, max: number): boolean {
  return typeof value === 'number' && value >= 0 && value <= max
}

function objectOf(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>
  }
  throw new SamplingRulesError(`${place} must be an object`)
}

/** A misspelt member would be a rule that nobody meant. */
function refuseOthers(
  object: Readonly<Record<string, unknown>>,
  known: readonly string[],
  place: string,
): void {
  const other = Object.keys(object).find((name) => !known.includes(name))
  if (other !== undefined) throw new SamplingRulesError(`${place} has no member ${other}`)
}
