import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HeaderFields } from '../../http/message/header-fields.ts'
import { readRemoteContext } from './remote-context.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const PARENT = `00-${TRACE}-${SPAN}-01`
const XRAY = 'Root=1-5759e988-bd862e3fe1be46a994272793'
const XRAY_TRACE = '5759e988bd862e3fe1be46a994272793'

function read(...lines: readonly string[]) {
  const fields = new HeaderFields(64)
  for (const line of lines) {
    const colon = line.indexOf(':')
    fields.append(line.slice(0, colon), line.slice(colon + 1).trim())
  }
  return readRemoteContext(fields)
}

/** Trace, parent, sampled. */
function told(...lines: readonly string[]): string {
  const context = read(...lines)
  if (context === undefined) return 'nothing'
  return `${context.traceId} ${context.parentId} ${context.sampled}`
}

const WELL_FORMED: readonly (readonly [string, readonly string[], string])[] = [
  ['sampled', [`traceparent: ${PARENT}`], `${TRACE} ${SPAN} true`],
  ['not sampled', [`traceparent: 00-${TRACE}-${SPAN}-00`], `${TRACE} ${SPAN} false`],
  ['unknown flags', [`traceparent: 00-${TRACE}-${SPAN}-fe`], `${TRACE} ${SPAN} false`],
  ['a later version', [`traceparent: cc-${TRACE}-${SPAN}-01-what`], `${TRACE} ${SPAN} true`],
  ['a later version, as long', [`traceparent: cc-${TRACE}-${SPAN}-01`], `${TRACE} ${SPAN} true`],
  ['X-Ray, root alone', [`X-Amzn-Trace-Id: ${XRAY}`], `${XRAY_TRACE}  undefined`],
  ['X-Ray', [`X-Amzn-Trace-Id: ${XRAY};Parent=${SPAN};Sampled=1`], `${XRAY_TRACE} ${SPAN} true`],
  ['X-Ray, sampled ?', [`X-Amzn-Trace-Id: ${XRAY};Sampled=?`], `${XRAY_TRACE}  undefined`],
  [
    'X-Ray behind a load balancer',
    [`X-Amzn-Trace-Id: Self=1-67891234-12456789abcdef012345678; ${XRAY}; Sampled=0; Lineage=a:1`],
    `${XRAY_TRACE}  false`,
  ],
  ['b3', [`b3: ${TRACE}-${SPAN}-1`], `${TRACE} ${SPAN} true`],
  ['b3, debug, with its parent', [`b3: ${TRACE}-${SPAN}-d-${SPAN}`], `${TRACE} ${SPAN} true`],
  ['b3, undecided', [`b3: ${TRACE}-${SPAN}`], `${TRACE} ${SPAN} undefined`],
  ['b3, 64 bits', [`b3: ${SPAN}-${SPAN}-0`], `0000000000000000${SPAN} ${SPAN} false`],
  ['b3, a decision alone', ['b3: 0'], '  false'],
  [
    'B3 in several fields',
    [`X-B3-TraceId: ${TRACE}`, `X-B3-SpanId: ${SPAN}`, 'X-B3-Sampled: 1'],
    `${TRACE} ${SPAN} true`,
  ],
  ['B3, debug', ['X-B3-Flags: 1'], '  true'],
  [
    'W3C comes before X-Ray and B3',
    [`b3: ${SPAN}-${SPAN}-0`, `X-Amzn-Trace-Id: ${XRAY};Sampled=0`, `traceparent: ${PARENT}`],
    `${TRACE} ${SPAN} true`,
  ],
  [
    'X-Ray comes before B3',
    [`b3: ${TRACE}-${SPAN}-0`, `X-Amzn-Trace-Id: ${XRAY};Sampled=1`],
    `${XRAY_TRACE}  true`,
  ],
  [
    'what is malformed leaves the next one its turn',
    ['traceparent: garbage', `X-Amzn-Trace-Id: ${XRAY};Sampled=1`],
    `${XRAY_TRACE}  true`,
  ],
]

for (const [name, lines, expected] of WELL_FORMED) {
  test(name, () => assert.equal(told(...lines), expected))
}

const MALFORMED: readonly (readonly [string, readonly string[]])[] = [
  ['nothing', []],
  ['upper case', [`traceparent: ${PARENT.toUpperCase()}`]],
  ['a trace of zeros', [`traceparent: 00-${'0'.repeat(32)}-${SPAN}-01`]],
  ['a span of zeros', [`traceparent: 00-${TRACE}-${'0'.repeat(16)}-01`]],
  ['version ff', [`traceparent: ff-${TRACE}-${SPAN}-01`]],
  ['version 00 with more', [`traceparent: ${PARENT}-01`]],
  ['a later version that runs on', [`traceparent: cc-${TRACE}-${SPAN}-01what`]],
  ['too short', [`traceparent: 00-${TRACE}-${SPAN}-0`]],
  ['another separator', [`traceparent: 00_${TRACE}-${SPAN}-01`]],
  ['flags that are none', [`traceparent: 00-${TRACE}-${SPAN}-0g`]],
  ['two of them', [`traceparent: ${PARENT}`, `traceparent: ${PARENT}`]],
  ['two of them in one', [`traceparent: ${PARENT},${PARENT}`]],
  ['10 kB', [`traceparent: ${'0'.repeat(10_000)}`]],
  ['X-Ray without a root', [`X-Amzn-Trace-Id: Parent=${SPAN};Sampled=1`]],
  ['X-Ray, a short root', ['X-Amzn-Trace-Id: Root=1-5759e988-bd86;Sampled=1']],
  ['X-Ray, upper case', [`X-Amzn-Trace-Id: ${XRAY.toUpperCase()}`]],
  ['X-Ray, 10 kB', [`X-Amzn-Trace-Id: ${XRAY};x=${'y'.repeat(10_000)}`]],
  ['X-Ray, twice', [`X-Amzn-Trace-Id: ${XRAY}`, `X-Amzn-Trace-Id: ${XRAY}`]],
  ['b3, a state that is none', [`b3: ${TRACE}-${SPAN}-x`]],
  ['b3, more behind it', [`b3: ${TRACE}-${SPAN}-1-${SPAN}-1`]],
  ['b3, a short trace', [`b3: 4bf9-${SPAN}-1`]],
  ['b3, a word', ['b3: deny']],
]

for (const [name, lines] of MALFORMED) {
  test(`counts as not given: ${name}`, () => assert.equal(told(...lines), 'nothing'))
}

const state = (...values: readonly string[]) =>
  read(`traceparent: ${PARENT}`, ...values.map((value) => `tracestate: ${value}`))?.traceState

test('tracestate is handed on as it came, fields joined', () => {
  assert.equal(state('congo=t61rcWkgMzE , rojo=00f0'), 'congo=t61rcWkgMzE,rojo=00f0')
  assert.equal(state('a=1', 'b@vendor=2'), 'a=1,b@vendor=2')
  assert.equal(state('a=1,,b=2'), 'a=1,b=2')
})

test('a tracestate that is malformed is not handed on; the trace is', () => {
  for (const value of ['A=1', 'a', 'a=', 'a=1,a=2', 'a=b=c', 'a=\u0001', '=1', 'a@b@c=1']) {
    assert.equal(state(value), '', value)
  }
  assert.equal(state(Array.from({ length: 33 }, (_, i) => `k${i}=v`).join(',')), '')
})

test('a tracestate keeps its bound: whole members, the first ones', () => {
  const member = (i: number) => `k${i}=${'v'.repeat(97)}`
  const long = Array.from({ length: 30 }, (_, i) => member(i)).join(',')
  assert.equal(state(long), [0, 1, 2, 3, 4].map(member).join(',').slice(0, 508))
  assert.ok(state(long)!.length <= 512)
})

test('a tracestate without a traceparent is nothing', () => {
  assert.equal(told('tracestate: a=1'), 'nothing')
})
