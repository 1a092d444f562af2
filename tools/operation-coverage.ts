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
import { cognitoIdp } from '../src/services/cognito-idp/cognito-idp.ts'
import { readCognitoIdpModel } from '../src/services/cognito-idp/service-model.ts'
import type { Service } from '../src/services/service.ts'

const ROOT = resolve(import.meta.dirname, '..')
/** So many for each operation: more would bury the table. */
const TESTS_SHOWN = 3

interface ShownService {
  readonly service: Service
  /** Every operation is in these, by its model: wire format, wrong inputs, access. */
  readonly byModel: readonly string[]
  /** Every operation that is not built, one by one, from its table: the error and the feature that it names. */
  readonly notBuilt: string
  readonly namedIn: readonly string[]
}

const SERVICES: readonly ShownService[] = [
  {
    service: apiGatewayV2(readApiGatewayV2Model()),
    byModel: [
      'test/conformance/s00001-operations-round-trip.test.ts',
      'test/conformance/s00003-any-request-is-answered.test.ts',
      'test/adversarial/49-control-plane.test.ts',
    ],
    notBuilt: 'test/conformance/s00105-what-is-not-built.test.ts',
    namedIn: ['src/services/apigatewayv2/**/*.test.ts', 'test/conformance/s001*'],
  },
  {
    // Which operations there are is all that is asked for: no pool is behind them.
    service: cognitoIdp(readCognitoIdpModel(), undefined as never),
    byModel: ['test/conformance/u00008-every-operation.test.ts'],
    notBuilt: 'test/conformance/u00008-every-operation.test.ts',
    namedIn: ['src/services/cognito-idp/**/*.test.ts', 'test/conformance/u0*'],
  },
]

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
  return SERVICES.flatMap(coverageOf)
}

function coverageOf({ service, namedIn, notBuilt }: ShownService): readonly CoveredOperation[] {
  const texts = namedIn
    .flatMap((glob) => globSync(glob, { cwd: ROOT }))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(resolve(ROOT, path), 'utf8') }))
  return Object.entries(service.model.operations).map(([name, { method, uri, status }]) => {
    const operation = service.operations[name]!
    const facts = { name, method, uri, status }
    if (operation.kind === 'unsupported') {
      return { ...facts, feature: operation.feature, tests: [notBuilt] }
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

/** The sections of docs/parity.md. */
export function operationTable(): string {
  return SERVICES.map(tableOf).join('\n\n')
}

function tableOf(shown: ShownService): string {
  const rows = coverageOf(shown).map(({ name, method, uri, status, feature, tests }) => {
    const where = tests.map((path) => `\`${path}\``).join(', ')
    const answer = feature === undefined ? String(status) : `400, names the feature: ${feature}`
    return `| \`${name}\` | ${method} \`${uri}\` | ${answer} | ${where} |`
  })
  return [
    `### ${shown.service.model.name}`,
    '',
    `Every operation besides by its model, in ${shown.byModel.map((path) => `\`${path}\``).join(', ')}.`,
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
