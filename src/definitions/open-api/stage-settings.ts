/** What a definition says about its API and stage as a whole: identifiers, stage variables, the default endpoint. */

import { findStageVariableProblem } from '../../domain/stage-variable-rules.ts'
import { pointerTo } from '../document/json-pointer.ts'
import { type LocatedValue, memberOf, membersOf } from '../document/located-value.ts'
import { preview } from '../document/preview.ts'
import type { ImportRun } from './import-run.ts'

export interface ReadSettings {
  /** Undefined: the definition does not say. */
  readonly apiId: string | undefined
  readonly stageName: string
  readonly stageVariables: Readonly<Record<string, string>>
  readonly disableExecuteApiEndpoint: boolean
  readonly detailedMetricsEnabled: boolean
}

const STAGE_NAME = /^(?:\$default|[A-Za-z0-9_-]{1,128})$/
const API_ID = /^[a-z0-9]{10}$/
const ENDPOINT_CONFIGURATION = 'x-amazon-apigateway-endpoint-configuration'

export function readSettings(run: ImportRun): ReadSettings {
  checkImportVersion(run)
  return {
    apiId: readApiId(run),
    stageName: readStageName(run) ?? '$default',
    stageVariables: readStageVariables(run),
    disableExecuteApiEndpoint: readDisabled(run),
    detailedMetricsEnabled: flag(run, 'x-postern-detailed-metrics'),
  }
}

function flag(run: ImportRun, name: string): boolean {
  return run.read.boolean(memberOf(run.root, name)) ?? false
}

function checkImportVersion(run: ImportRun): void {
  const version = memberOf(run.root, 'x-amazon-apigateway-importexport-version')
  if (version === undefined || ['1.0', '1', 1].includes(version.value as string)) return
  run.problems.error(version.pointer, {
    code: 'import-version',
    message: `The export version ${preview(version.value)} is unknown.`,
    mend: 'Write "1.0", the only one there is.',
  })
}

function readApiId(run: ImportRun): string | undefined {
  const node = memberOf(run.root, 'x-postern-api-id')
  if (node === undefined) return undefined
  if (typeof node.value === 'string' && API_ID.test(node.value)) return node.value
  run.problems.error(node.pointer, {
    code: 'api-id-invalid',
    message: `${preview(node.value)} cannot be the id of an API.`,
    mend: 'Write ten characters of a-z and 0-9, in quotes when they are all digits.',
  })
  return undefined
}

function readStageName(run: ImportRun): string | undefined {
  const node = memberOf(run.root, 'x-postern-stage')
  if (node === undefined) return undefined
  if (typeof node.value === 'string' && STAGE_NAME.test(node.value)) return node.value
  run.problems.error(node.pointer, {
    code: 'stage-name-invalid',
    message: `${preview(node.value)} cannot be the name of a stage.`,
    mend: 'Write $default, or up to 128 letters, digits, _ and -.',
  })
  return undefined
}

/** Those of the definition, overwritten by those of the options. */
function readStageVariables(run: ImportRun): Record<string, string> {
  const written = run.read.object(memberOf(run.root, 'x-postern-stage-variables'))
  const variables = new Map<string, string>()
  for (const [name, node] of written === undefined ? [] : membersOf(written)) {
    addVariable(run, variables, { name, node })
  }
  for (const [name, value] of Object.entries(run.options.stageVariables ?? {})) {
    const finding = findStageVariableProblem(name, value, run.options.limits)
    if (finding === undefined) variables.set(name, value)
    else run.problems.setting({ ...finding, message: `--stage-variable: ${finding.message}` })
  }
  const most = run.options.limits.stageVariables
  if (variables.size > most) {
    run.problems.error(written?.pointer ?? '', {
      code: 'stage-variables-too-many',
      message: `The stage has ${variables.size} variables; ${most} are allowed.`,
      mend: 'Remove some, or raise --limit stageVariables.',
    })
  }
  return Object.fromEntries(variables)
}

function addVariable(
  run: ImportRun,
  variables: Map<string, string>,
  { name, node }: { name: string; node: LocatedValue },
): void {
  const value = run.read.string(node)
  if (value === undefined) return
  const finding = findStageVariableProblem(name, value, run.options.limits)
  if (finding === undefined) variables.set(name, value)
  else run.problems.error(node.pointer, finding)
}

function readDisabled(run: ImportRun): boolean {
  const servers = run.read.list(memberOf(run.root, 'servers')) ?? []
  const nodes = [run.root, ...servers].map((node) => memberOf(node, ENDPOINT_CONFIGURATION))
  const disabled = nodes.map((node) => readEndpointConfiguration(run, node))
  return flag(run, 'x-postern-disable-execute-api-endpoint') || disabled.includes(true)
}

function readEndpointConfiguration(run: ImportRun, node: LocatedValue | undefined): boolean {
  const configuration = run.read.object(node)
  if (configuration === undefined) return false
  const types = run.read.strings(memberOf(configuration, 'types')) ?? []
  const vpcEndpoints = run.read.list(memberOf(configuration, 'vpcEndpointIds')) ?? []
  if (types.includes('PRIVATE') || vpcEndpoints.length > 0) {
    run.problems.error(
      pointerTo(node!.pointer, types.includes('PRIVATE') ? 'types' : 'vpcEndpointIds'),
      {
        code: 'endpoint-private',
        message:
          'Private endpoints are not enforced: this API would answer on every address of the server.',
        mend: 'Remove it, and bind the server to a private address instead.',
      },
    )
  }
  return run.read.boolean(memberOf(configuration, 'disableExecuteApiEndpoint')) ?? false
}
