/**
 * Which test shows that an operation of a service answers as modelled: the table of docs/parity.md.
 *
 * An operation is shown by the tests that name it: the one beside its resource, and those that drive a running Postern
 * with other people's clients. `tools/reference-docs.ts` writes the table, `test/tidy.test.ts` holds it in step and fails
 * for an operation that no test names.
 */

import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { apiGatewayV2 } from '../src/services/apigatewayv2/apigatewayv2.ts'
import { readApiGatewayV2Model } from '../src/services/apigatewayv2/service-model.ts'
import type { Service } from '../src/services/service.ts'

const ROOT = resolve(import.meta.dirname, '..')
/** Every operation is in these, by its model: wire format, wrong inputs, access. */
const BY_MODEL = [
  'test/conformance/s00001-operations-round-trip.test.ts',
  'test/conformance/s00003-any-request-is-answered.test.ts',
  'test/adversarial/49-control-plane.test.ts',
]
/** Every operation that is not built, one by one, from its table: the error and the feature that it names. */
const NOT_BUILT = 'test/conformance/s00105-what-is-not-built.test.ts'
/** So many for each operation: more would bury the table. */
const TESTS_SHOWN = 3
const NAMED_IN = ['src/services/apigatewayv2/**/*.test.ts', 'test/conformance/s001*']

export interface CoveredOperation {
  readonly name: string
  readonly method: string
  readonly uri: string
  readonly status: number
  /** Undefined: it is built. Else the feature that it waits for. */
  readonly feature: string | undefined
  /** Paths of the tests that name it. */
  readonly tests: readonly string[]
}

export function operationCoverage(): readonly CoveredOperation[] {
  const texts = NAMED_IN.flatMap((glob) => globSync(glob, { cwd: ROOT }))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(resolve(ROOT, path), 'utf8') }))
  const service: Service = apiGatewayV2(readApiGatewayV2Model())
  return Object.entries(service.model.operations).map(([name, { method, uri, status }]) => {
    const operation = service.operations[name]!
    const facts = { name, method, uri, status }
    if (operation.kind === 'unsupported') {
      return { ...facts, feature: operation.feature, tests: [NOT_BUILT] }
    }
    const named = texts.filter(({ text }) => namesOf(name).test(text)).map(({ path }) => path)
    return { ...facts, feature: undefined, tests: nearest(name, named) }
  })
}

/** The test beside the resource, then other people's clients, then whatever else names it. */
function nearest(name: string, paths: readonly string[]): readonly string[] {
  const noun = kebab(name).split('-').slice(1).join('-').replace(/s$/, '')
  const rank = (path: string) => {
    if (path.endsWith(`/${noun}.test.ts`)) return 0
    return path.startsWith('test/conformance/') ? 1 : 2
  }
  return paths.toSorted((a, b) => rank(a) - rank(b)).slice(0, TESTS_SHOWN)
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()
}

/** The section of docs/parity.md. */
export function operationTable(): string {
  const rows = operationCoverage().map(({ name, method, uri, status, feature, tests }) => {
    const shown = tests.map((path) => `\`${path}\``).join(', ')
    const answer = feature === undefined ? String(status) : `400, names the feature: ${feature}`
    return `| \`${name}\` | ${method} \`${uri}\` | ${answer} | ${shown} |`
  })
  return [
    `Every operation besides by its model, in ${BY_MODEL.map((path) => `\`${path}\``).join(', ')}.`,
    '',
    '| Operation | | Answers | Shown by |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n')
}

/** As the SDK, boto3 and the command line write it: `CreateApi`, `create_api`, `create-api`. */
function namesOf(name: string): RegExp {
  const words = kebab(name)
  return new RegExp(`\\b(?:${name}(?:Command)?|${words.replaceAll('-', '_')}|${words})\\b`)
}
