// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of API Gateway's own references

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse } from 'yaml'
import { type FakeMessages, fakeMessages } from '../context-source.fake.ts'
import { applyQueryRules } from '../query-string/query-rules.ts'
import {
  compileRequestMapping,
  compileResponseMapping,
  isResponseStatusKey,
  MappingError,
} from './mapping.ts'

/**
 * Golden cases: `test/golden/mapping/*.txt`, the mapping and the messages as YAML, `----`, what comes out.
 * `UPDATE_GOLDEN=1` writes the second half anew; read the difference before you keep it.
 */
const GOLDEN = new URL('../../../test/golden/mapping/', import.meta.url)

interface Case extends FakeMessages {
  readonly requestParameters?: Record<string, string>
  readonly responseParameters?: Record<string, string>
  readonly stageVariables?: Record<string, string>
}

for (const file of readdirSync(GOLDEN).sort()) {
  test(file, () => {
    const place = new URL(file, GOLDEN)
    const [input, expected] = readFileSync(place, 'utf8').split('----\n')
    const actual = run(parse(input!) as Case)
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(place, `${input}----\n${actual}`)
    else assert.equal(actual, expected)
  })
}

function run(golden: Case): string {
  const lines: string[] = []
  const show = (print: () => string[]): void => {
    try {
      lines.push(...print())
    } catch (error) {
      if (!(error instanceof MappingError)) throw error
      lines.push(`refused ${error.key}: ${error.message}`, `  ${error.mend}`)
    }
  }
  const { requestParameters, responseParameters } = golden
  // One rule at a time, so that each refusal of a case is seen.
  const each = (all: Record<string, string>) => Object.entries(all).map(([k, v]) => ({ [k]: v }))
  if (requestParameters !== undefined) {
    const refused = each(requestParameters).filter((one) => !compiles(one, compileRequestMapping))
    for (const one of refused) show(() => printRequest(one, golden))
    if (refused.length === 0) show(() => printRequest(requestParameters, golden))
  }
  if (responseParameters !== undefined) {
    const refused = each(responseParameters).filter((one) => !compiles(one, compileResponseMapping))
    for (const one of refused) show(() => printResponse(one, golden))
    if (refused.length === 0) show(() => printResponse(responseParameters, golden))
  }
  return `${lines.join('\n')}\n`
}

type Compile = typeof compileRequestMapping | typeof compileResponseMapping

function compiles(parameters: Record<string, string>, compile: Compile): boolean {
  try {
    compile(parameters, {})
    return true
  } catch {
    return false
  }
}

function printRequest(parameters: Record<string, string>, golden: Case): string[] {
  const mapping = compileRequestMapping(parameters, golden.stageVariables ?? {})
  const source = fakeMessages(golden)
  const lines = [`reads body: ${mapping.readsBody}`]
  if (mapping.path !== undefined) lines.push(`path: ${print(mapping.path(source))}`)
  for (const { op, name, value } of mapping.headers) {
    lines.push(`${op} header ${name}${op === 'remove' ? '' : `: ${print(value(source))}`}`)
  }
  if (mapping.query.length > 0) {
    lines.push(`query: ${applyQueryRules(golden.query ?? '', mapping.query, source)}`)
  }
  return lines
}

function printResponse(parameters: Record<string, string>, golden: Case): string[] {
  const mapping = compileResponseMapping(parameters, golden.stageVariables ?? {})
  const source = fakeMessages(golden)
  const lines = [`reads body: ${mapping.readsBody}`]
  if (mapping.status !== undefined) lines.push(`status: ${print(mapping.status(source))}`)
  for (const { op, name, value } of mapping.headers) {
    lines.push(`${op} header ${name}${op === 'remove' ? '' : `: ${print(value(source))}`}`)
  }
  return lines
}

function print(value: string | undefined): string {
  return value === undefined ? '(nothing)' : JSON.stringify(value)
}

const RESERVED = [
  'access-control-allow-origin',
  'apigw-requestid',
  'Authorization',
  'Connection',
  'Content-Encoding',
  'content-length',
  'Content-Location',
  'Forwarded',
  'Keep-Alive',
  'Origin',
  'Proxy-Authenticate',
  'TE',
  'Trailers',
  'Transfer-Encoding',
  'Upgrade',
  'x-amz-date',
  'X-Amzn-Trace-Id',
  'X-Forwarded-For',
  'x-forwarded-port',
  'Via',
  'transfer_encoding',
  'Content.Length',
]

for (const name of RESERVED) {
  test(`${name} can be mapped in no way`, () => {
    for (const op of ['append', 'overwrite', 'remove']) {
      const parameters = { [`${op}:header.${name}`]: op === 'remove' ? '' : 'x' }
      assert.throws(() => compileRequestMapping(parameters, {}), MappingError)
      assert.throws(() => compileResponseMapping(parameters, {}), MappingError)
    }
  })
}

test('fields that only look reserved can be mapped', () => {
  for (const name of ['host', 'authorization-x', 'x-real-ip', 'x-amazon', 'teapot', 'x-via']) {
    const { headers } = compileRequestMapping({ [`overwrite:header.${name}`]: 'x' }, {})
    assert.equal(headers[0]!.name, name)
  }
})

test('the same rule twice is refused, whatever the case of the header', () => {
  const twice = { 'append:header.X-A': '1', 'append:header.x-a': '2' }
  assert.throws(() => compileRequestMapping(twice, {}), /twice/)
  const { query } = compileRequestMapping(
    { 'append:querystring.A': '1', 'append:querystring.a': '2' },
    {},
  )
  assert.deepEqual(
    query.map(({ name }) => name),
    ['A', 'a'],
  )
})

test('statuses that responseParameters may be given for', () => {
  for (const key of ['200', '404', '599']) assert.ok(isResponseStatusKey(key), key)
  for (const key of ['199', '600', '2xx', 'default', '', '2000', ' 200']) {
    assert.ok(!isResponseStatusKey(key), key)
  }
})

test('a header value is bytes, whatever the body, the query or the path hold', () => {
  const { headers } = compileRequestMapping(
    {
      'overwrite:header.a': '$request.body.v',
      'overwrite:header.b': '-${request.querystring.v}-',
      'overwrite:header.c': '$request.path.v',
    },
    {},
  )
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
      const encoded = encodeURIComponent(text)
      const body = JSON.stringify({ v: text })
      const source = fakeMessages({ body, query: `v=${encoded}`, pathParameters: { v: encoded } })
      const values = headers.map(({ value }) => value(source)!)
      for (const value of values) assert.match(value, /^[\x00-\xff]*$/)
      const decoded = values.map((value) => Buffer.from(value, 'latin1').toString('utf8'))
      assert.deepEqual(decoded, [text, `-${text}-`, text])
    }),
  )
})

test('a mapped path is a path: no value can end it, begin a query or leave ASCII', () => {
  const { path } = compileRequestMapping(
    { 'overwrite:path': '/v1/${request.header.h}/${request.querystring.q}/${request.body}' },
    {},
  )
  const wire = fc.string({ unit: 'binary' }).map((text) => text.replace(/[^\x00-\xff]/g, ''))
  const any = fc.string({ unit: 'grapheme' })
  fc.assert(
    fc.property(wire, any, any, (h, q, body) => {
      const source = fakeMessages({ headers: { h }, query: `q=${encodeURIComponent(q)}`, body })
      const mapped = path!(source)!
      assert.match(mapped, /^\/v1\/(?:[\w.~!$&'()*+,;=:@/-]|%[0-9A-F]{2})*$/)
      const shown = decodeURIComponent(mapped)
      assert.equal(
        shown,
        `/v1/${Buffer.from(h, 'latin1').toString('utf8')}/${q}/${source.requestBody!.length === 0 ? '' : new TextDecoder().decode(source.requestBody)}`,
      )
    }),
  )
})
