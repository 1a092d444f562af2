/**
 * The house rules as a test: direction, sizes, banned calls, dead files, and documents in step with their tables.
 *
 * A ratchet: a file or a function that crosses its size needs a sentence in the lists here, where everybody can count
 * them, and a sentence that excuses nothing any more has to go. The rules are in `tools/tidy/rules.ts`, the reasons
 * for them in STYLE.md.
 */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'
import { operationCoverage } from '../tools/operation-coverage.ts'
import { referenceDocuments } from '../tools/reference-docs.ts'
import {
  type Banned,
  bannedText,
  bannedUses,
  cycles,
  deadFiles,
  emptyNames,
  oversized,
  type Planes,
  type Reasons,
  type Sizes,
  staleReasons,
  wrongDirections,
} from '../tools/tidy/rules.ts'
import { readSourceFacts } from '../tools/tidy/source-facts.ts'

const PLANES: Planes = {
  shared: ['base', 'http', 'domain', 'aws', 'expression', 'cluster', 'observability'],
  data: ['invocation', 'features', 'balancing', 'link', 'integrations', 'runtime'],
  control: [
    'storage',
    'identity',
    'certificates',
    'discovery',
    'functions',
    'definitions',
    'services',
  ],
  top: ['server', 'cli', 'main'],
  islands: ['features'],
}

const SIZES: Sizes = {
  fileLinesMax: 800,
  functionLinesMax: 70,
  parametersMax: 4,
  exportsMax: 8,
}

const REASONS: Reasons = {
  'tools/tidy/rules.ts#exports': 'One function for each rule of the house.',
  'src/http/message/known-headers.ts#exports':
    'One constant for each header field that the engine treats specially, made from one table.',
  'src/http/message/field-lines.ts#scanFieldLines':
    'Hot, once a message: an options object would be one allocation more for each.',
  'src/domain/http-api.ts#exports': 'The document of a stage: types only, one for each part of it.',
  'src/identity/user-pools/records.ts#exports': 'One type for each kind of record.',
  'src/http/server/h2-limits.ts#exports':
    'Every number of the HTTP/2 server: one table, so that nobody has to look in two.',
  'src/http/h2/frame.ts#exports': 'The numbers of RFC 9113, a table for each kind of them.',
  'src/link/h2/peer.ts##dataFrame': 'Once a frame: an options object would be one allocation more.',
  'src/link/h2/copy-bytes.ts#copyBytes':
    'Once a field: an options object would be one allocation more.',
  'src/link/contract.ts#exports':
    'Both ends of a link as whoever wires them sees them, types only.',
  'src/services/iam/records.ts#exports': 'One type and one name for each kind of record.',
  'src/services/apigatewayv2/records.ts#exports': 'One type for each kind of record.',
  'src/services/links/link-records.ts#exports': 'One type and one name for each kind of record.',
  'src/services/postern/link-messages.ts#exports': 'Two types for each operation.',
  'src/certificates/certificate.ts#exports':
    'The parts that every certificate is put together from.',
  'src/services/service.ts#exports': 'The contract of every service, types and two constructors.',
  'src/storage/store.ts#exports': 'The contract of every store, types only.',
  'src/invocation/invocation.ts#constructor':
    'Hot, once a call: every field is set in one place and one order (STYLE §8).',
  'src/observability/metrics/metric-table.ts#exports':
    'One table for each kind of thing that has figures.',
  'src/observability/metrics/stage-metrics.ts#record':
    'Hot, once a call: figures are passed as they are, nothing is allocated for them.',
}

const BANNED: readonly Banned[] = [
  { name: 'Math.random', instead: 'take a random source (base/random)', allowedIn: ['src/base/'] },
  { name: 'Date.now', instead: 'take a Clock (base/clock)', allowedIn: ['src/base/clock.ts'] },
  { name: 'new Date()', instead: 'take a Clock (base/clock)', allowedIn: ['src/base/clock.ts'] },
  {
    name: 'performance.now',
    instead: 'take a Clock (base/clock)',
    allowedIn: ['src/base/clock.ts'],
  },
  ...['log', 'error', 'warn', 'info'].map((name) => ({
    name: `console.${name}`,
    instead: 'return it, or use the log of the composition root',
    allowedIn: ['src/cli/', 'src/server/', 'src/main.ts'],
  })),
  {
    name: 'process.env',
    instead: 'take a setting (server/settings)',
    allowedIn: ['src/server/', 'src/cli/', 'src/main.ts'],
  },
  {
    name: 'process.exit',
    instead: 'throw, or return the exit code',
    allowedIn: ['src/server/', 'src/cli/', 'src/main.ts'],
  },
  {
    name: 'new Function',
    instead: 'close over the values, or prove the gain and name the file *.codegen.ts',
    allowedIn: ['.codegen.ts'],
    within: '',
    testsToo: true,
  },
  { name: 'eval()', instead: 'never', allowedIn: [], within: '', testsToo: true },
  { name: 'any', instead: 'unknown, and a check', allowedIn: [], within: '', testsToo: true },
  {
    name: 'import:node:http',
    instead: 'src/http/ is the HTTP engine; for the main thread, base/node-http.ts',
    allowedIn: ['src/cli/'],
  },
  {
    name: 'import:src/base/node-http.ts',
    instead: 'src/http/ is the HTTP engine',
    allowedIn: ['src/server/control/main-thread-port', 'src/certificates/bounded-exchange'],
  },
  {
    name: 'import:node:https',
    instead: 'src/http/ is the HTTP engine',
    allowedIn: ['src/certificates/bounded-exchange', 'src/discovery/kubernetes-api'],
  },
  {
    name: 'import:node:http2',
    instead: 'src/http/ is the HTTP engine',
    allowedIn: ['src/http/server/h2-client.fake.ts'],
  },
  { name: 'import:node:sqlite', instead: 'take a Store', allowedIn: ['src/storage/sqlite/'] },
  { name: 'import:node:assert', instead: 'base/assert', allowedIn: [] },
  { name: 'import:node:assert/strict', instead: 'base/assert', allowedIn: [] },
  ...['test', 'it', 'describe'].map((name) => ({
    name: `${name}.only`,
    instead: 'it would silence every other test',
    allowedIn: [],
    within: '',
    testsToo: true,
  })),
]

/** Node's reporter interface is a default export. */
const DEFAULT_EXPORTS = ['tools/test-reporter.ts']

const ENTRIES = ['src/main.ts']

const HOT_LINE = '// hot path — see STYLE §8'
/** The files where every allocation counts; each says so on its first line, and no other does. */
const HOT_FILES = [
  'src/balancing/algorithms.ts',
  'src/balancing/balanced-call.ts',
  'src/balancing/listener-origin.ts',
  'src/balancing/outlier.ts',
  'src/balancing/retry-budget.ts',
  'src/balancing/target-group.ts',
  'src/balancing/target-memory.ts',
  'src/base/ids.ts',
  'src/base/keyed-hash.ts',
  'src/base/shared-slots.ts',
  'src/base/timer-wheel.ts',
  'src/features/authorize/jwt/jwt.ts',
  'src/features/authorize/jwt/token-source.ts',
  'src/features/authorize/jwt/token-verifier.ts',
  'src/features/authorize/jwt/verdict-cache.ts',
  'src/features/quota/usage-table.ts',
  'src/features/throttle/client-buckets.ts',
  'src/features/throttle/client-throttle.ts',
  'src/features/throttle/throttle.ts',
  'src/features/throttle/token-bucket.ts',
  'src/features/trace/trace.ts',
  'src/http/client/origin-call.ts',
  'src/http/client/origin-connection.ts',
  'src/http/client/origin-pool.ts',
  'src/http/h2/block-cursor.ts',
  'src/http/h2/dynamic-table.ts',
  'src/http/h2/field-decoder.ts',
  'src/http/h2/field.ts',
  'src/http/h2/frame-reader.ts',
  'src/http/h2/huffman.ts',
  'src/http/message/canonical-path.ts',
  'src/http/message/characters.ts',
  'src/http/message/chunked-decoder.ts',
  'src/http/message/connection-options.ts',
  'src/http/message/date-field.ts',
  'src/http/message/field-lines.ts',
  'src/http/message/field-name.ts',
  'src/http/message/field-names.ts',
  'src/http/message/framing.ts',
  'src/http/message/h2-fields.ts',
  'src/http/message/h2-head.ts',
  'src/http/message/header-fields.ts',
  'src/http/message/known-headers.ts',
  'src/http/message/request-head-parser.ts',
  'src/http/message/request-head.ts',
  'src/http/message/request-target.ts',
  'src/http/message/response-head-parser.ts',
  'src/http/message/status-line.ts',
  'src/http/server/h1-connection.ts',
  'src/http/server/h1-exchange.ts',
  'src/http/server/h2-connection.ts',
  'src/http/server/h2-context.ts',
  'src/http/server/h2-exchange.ts',
  'src/http/server/h2-output.ts',
  'src/http/server/h2-sender.ts',
  'src/http/server/h2-session.ts',
  'src/http/server/h2-stream.ts',
  'src/http/write-chunk.ts',
  'src/http/write-now.ts',
  'src/integrations/http/forwarding.ts',
  'src/integrations/http/http-proxy.ts',
  'src/integrations/http/trace-fields.ts',
  'src/invocation/invocation.ts',
  'src/invocation/overwrites.ts',
  'src/observability/access-log/access-log-format.ts',
  'src/observability/access-log/escape.ts',
  'src/observability/access-log/log-sink.ts',
  'src/observability/explain/call-writer.ts',
  'src/observability/metrics/histogram.ts',
  'src/observability/metrics/stage-metrics.ts',
  'src/observability/tracing/call-trace.ts',
  'src/observability/tracing/remote-context.ts',
  'src/observability/tracing/sampler.ts',
  'src/observability/tracing/trace-ids.ts',
  'src/observability/tracing/wildcards.ts',
  'src/runtime/explain/call-recorder.ts',
  'src/runtime/gateway.ts',
  'src/runtime/http-api/observe.ts',
  'src/runtime/http-api/pipeline.ts',
  'src/runtime/http-api/respond.ts',
  'src/runtime/overload/shed.ts',
  'src/runtime/routing/base-paths.ts',
  'src/runtime/routing/header-globs.ts',
  'src/runtime/routing/router.ts',
  'src/runtime/snapshot/domain-table.ts',
  'src/runtime/snapshot/snapshot.ts',
  'src/server/worker/worker-outlet.ts',
]

const root = resolve(import.meta.dirname, '..')
const sources = readSourceFacts(root)
const tracked = trackedTexts()

function trackedTexts(): { path: string; text: string }[] {
  const list = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  })
  return list
    .split('\0')
    .filter((path) => path !== '' && existsSync(resolve(root, path)))
    .map((path) => ({ path, text: readFileSync(resolve(root, path), 'utf8') }))
    .filter(({ text }) => !text.includes('\0'))
}

function holds(findings: readonly string[]): void {
  assert.equal(findings.length, 0, `\n  ${findings.join('\n  ')}\n`)
}

test('imports point from right to left, and the planes do not meet', () => {
  assert.ok(sources.length > 20, 'the sources were found')
  holds(wrongDirections(sources, PLANES))
})

test('no ring of imports', () => holds(cycles(sources)))

test('files, functions, parameters and exports keep their size', () => {
  holds(oversized(sources, SIZES, REASONS))
})

test('every excuse is still needed', () => holds(staleReasons(sources, SIZES, REASONS)))

test('what the house has replaced is not used', () => holds(bannedUses(sources, BANNED)))

test('no default exports', () => {
  holds(
    sources
      .filter(({ path, exports }) => exports.includes('default') && !DEFAULT_EXPORTS.includes(path))
      .map(({ path }) => `${path}: default export; give it a name`),
  )
})

test('every file of src/ is part of the program', () => holds(deadFiles(sources, ENTRIES)))

test('files and folders have names that say something', () => {
  holds(emptyNames(sources.map(({ path }) => path)))
})

test('hot files say so on their first line, and are listed', () => {
  const saying = sources.filter(({ text }) => text.startsWith(HOT_LINE)).map(({ path }) => path)
  assert.deepEqual(saying.toSorted(), HOT_FILES.toSorted())
})

test('every source begins by saying what it is', () => {
  const headless = sources.filter(({ path, text }) => {
    const head = text
      .replace(HOT_LINE, '')
      .replace(/^#!.*\n/, '')
      .trimStart()
    return path.startsWith('src/') && !isTestPath(path) && !/^(\/\*\*|\/\/)/.test(head)
  })
  holds(headless.map(({ path }) => `${path}:1: no file header (STYLE §11)`))
})

test('no forgotten notes, silenced checks or traces of a machine', () => {
  const code = tracked.filter(
    ({ path }) => /\.(ts|cjs)$/.test(path) && path !== 'test/tidy.test.ts',
  )
  const others = tracked.filter(({ path }) => path !== 'test/tidy.test.ts')
  holds([
    ...bannedText(code, /\bFIXME\b/, 'FIXME; mend it, or write TODO with the number of its issue'),
    ...bannedText(code, /\bTODO\b(?! \(#\d+\))/, 'TODO without an issue; write TODO (#12)'),
    ...bannedText(code, /@ts-(ignore|nocheck|expect-error)/, 'a silenced compiler; mend the type'),
    ...bannedText(others, /registry\.(npmjs|yarnpkg)\./, 'a registry by name; npm knows its own'),
    ...bannedText(
      others,
      /(?<![\w.~-])\/(work|root|Users|home\/(?!node\b)\w)[\w/]/,
      "a path of somebody's machine",
    ),
  ])
})

test('documents point to files that exist', () => {
  const pages = tracked.filter(({ path }) => path.endsWith('.md'))
  assert.ok(pages.length > 10, 'the documents were found')
  holds(
    pages.flatMap(({ path, text }) => {
      const links = text
        .matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)
        .map(([, link]) => join(dirname(path), link!))
      const named = text.matchAll(/`((?:src|test|tools|docs|bench|examples)\/[\w./-]+\.\w+)`/g)
      const targets = [...links, ...named.map(([, file]) => file!)]
      return targets
        .filter((target) => !existsSync(resolve(root, target)))
        .map((target) => `${path}: ${target} does not exist`)
    }),
  )
})

test('the lock file names the packages of every platform, without which npm ci refuses to start', () => {
  interface Lock {
    readonly packages: Record<
      string,
      { optionalDependencies?: Record<string, string>; inBundle?: boolean }
    >
  }
  const lock = JSON.parse(readFileSync(resolve(root, 'package-lock.json'), 'utf8')) as Lock
  // What a package brings along inside itself is not installed, so it needs no entry.
  const names = Object.values(lock.packages)
    .filter(({ inBundle }) => inBundle !== true)
    .flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
  const missing = names.filter((name) => lock.packages[`node_modules/${name}`] === undefined)
  holds(missing.map((name) => `package-lock.json: ${name} is missing; add its entry`))
})

test('every operation of a service is shown by a test that names it', () => {
  const bare = operationCoverage().filter(({ tests }) => tests.length === 0)
  holds(bare.map(({ name }) => `${name}: no test names it`))
})

test('docs/reference/ and docs/parity.md are in step with the tables (npm run docs)', () => {
  holds(
    referenceDocuments().flatMap(({ path, text }) => {
      const file = resolve(root, path)
      const written = existsSync(file) ? readFileSync(file, 'utf8') : ''
      return written === text ? [] : [`${path}: out of step; run npm run docs`]
    }),
  )
})

function isTestPath(path: string): boolean {
  return /\.(test|suite|reference)\.ts$/.test(path)
}
