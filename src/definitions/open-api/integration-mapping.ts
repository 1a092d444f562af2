/**
 * `requestParameters`, `responseParameters` and `responses` of an integration: read into plain rules and compiled once,
 * so that a rule which cannot run is told now, with its place.
 */

import {
  compileRequestMapping,
  compileResponseMapping,
  isResponseStatusKey,
  MappingError,
} from '../../expression/mapping/mapping.ts'
import { pointerTo } from '../document/json-pointer.ts'
import {
  type LocatedObject,
  type LocatedValue,
  memberOf,
  membersOf,
} from '../document/located-value.ts'
import { preview } from '../document/preview.ts'
import type { ImportRun } from './import-run.ts'

export type Rules = Readonly<Record<string, string>>
type Compile = (rules: Rules, stageVariables: Rules) => unknown

export interface IntegrationMapping {
  readonly requestParameters: Rules
  readonly responseParameters: Readonly<Record<string, Rules>>
}

export interface MappingPlace {
  readonly stageVariables: Rules
  /** Of an AWS service: its parameters are no rules, and are read elsewhere. */
  readonly isAction: boolean
}

export function readMapping(
  run: ImportRun,
  integration: LocatedObject,
  { stageVariables, isAction }: MappingPlace,
): IntegrationMapping {
  const request = isAction ? undefined : memberOf(integration, 'requestParameters')
  const requestParameters = readRules(run, request, {
    compile: compileRequestMapping,
    stageVariables,
  })
  const responses = new Map<string, Rules>()
  for (const [status, node] of responseMappings(run, integration)) {
    if (!isMappedStatus(run, status, node)) continue
    if (responses.has(status)) reportTwice(run, status, node)
    responses.set(status, readRules(run, node, { compile: compileResponseMapping, stageVariables }))
  }
  return { requestParameters, responseParameters: Object.fromEntries(responses) }
}

/** Rules by status, in the two forms there are: `responseParameters`, and inside `responses`. */
function responseMappings(
  run: ImportRun,
  integration: LocatedObject,
): [status: string, rules: LocatedValue][] {
  const direct = run.read.object(memberOf(integration, 'responseParameters'))
  const mappings = direct === undefined ? [] : membersOf(direct)
  const responses = run.read.object(memberOf(integration, 'responses'))
  for (const [pattern, response] of responses === undefined ? [] : membersOf(responses)) {
    const rules = memberOf(response, 'responseParameters')
    if (rules !== undefined && hasMembers(rules)) mappings.push([pattern, rules])
    const templates = memberOf(response, 'responseTemplates')
    if (templates !== undefined && hasMembers(templates)) reportTemplates(run, templates)
  }
  return mappings
}

function readRules(
  run: ImportRun,
  node: LocatedValue | undefined,
  { compile, stageVariables }: { compile: Compile; stageVariables: Rules },
): Rules {
  const object = run.read.object(node)
  const entries: [string, string][] = []
  for (const [key, value] of object === undefined ? [] : membersOf(object)) {
    // Statuses are easily written as numbers.
    const text = typeof value.value === 'number' ? String(value.value) : run.read.filled(value)
    if (isRestKey(key)) reportRestKey(run, key, value)
    else if (text !== undefined) entries.push([key, text])
  }
  const rules = Object.fromEntries(entries)
  const compileAll = (each: Rules) => tryCompile(run, node!, () => compile(each, stageVariables))
  // Rule by rule, to tell about each; then together, for rules that contradict each other.
  const failed = entries.filter(([key, text]) => !compileAll({ [key]: text }))
  if (failed.length === 0 && entries.length > 1) compileAll(rules)
  return rules
}

function tryCompile(run: ImportRun, node: LocatedValue, compile: () => unknown): boolean {
  try {
    compile()
    return true
  } catch (error) {
    if (!(error instanceof MappingError)) throw error
    run.problems.error(pointerTo(node.pointer, error.key), {
      code: 'mapping-invalid',
      message: /[.!?]$/.test(error.message) ? error.message : `${error.message}.`,
      mend: error.mend,
    })
    return false
  }
}

function isMappedStatus(run: ImportRun, status: string, node: LocatedValue): boolean {
  if (isResponseStatusKey(status)) return true
  const isRule = status.includes(':')
  run.problems.error(node.pointer, {
    code: 'mapping-status',
    message: isRule
      ? `${preview(status)} is a rule, but rules for responses stand under a status.`
      : `${preview(status)} is not a status from 200 to 599.`,
    mend: isRule
      ? `Write responseParameters: { "200": { ${preview(status)}: … } }.`
      : 'Write one status, such as "200", for each set of rules.',
  })
  return false
}

function isRestKey(key: string): boolean {
  return /^(?:integration\.request|method\.response)\./.test(key)
}

function reportRestKey(run: ImportRun, key: string, node: LocatedValue): void {
  const path = key.startsWith('integration.request.path.')
  const rule = key.replace(/^(?:integration\.request|method\.response)\./, 'overwrite:')
  run.problems.error(node.pointer, {
    code: 'mapping-rest-style',
    message: `${preview(key)} is a mapping of REST APIs; HTTP APIs have rules of their own.`,
    mend: path
      ? 'Remove it: {name} in the uri takes the path variable of that name by itself.'
      : `Write ${preview(rule)} with a value such as "$request.header.name".`,
  })
}

function reportTwice(run: ImportRun, status: string, node: LocatedValue): void {
  run.problems.error(node.pointer, {
    code: 'mapping-duplicate',
    message: `The status ${status} has rules in responseParameters and in responses.`,
    mend: 'Keep those in responseParameters.',
  })
}

function reportTemplates(run: ImportRun, node: LocatedValue): void {
  run.problems.error(node.pointer, {
    code: 'integration-member-unsupported',
    message: 'responseTemplates: HTTP APIs do not transform bodies.',
    mend: 'Remove it, and let the origin answer as the client needs it.',
  })
}

function hasMembers(node: LocatedValue): boolean {
  return typeof node.value !== 'object' || Object.keys(node.value ?? {}).length > 0
}
