/**
 * The members of REST-JSON that travel before the body: labels of the path, query parameters, header fields.
 *
 * Each is one text; a list is a query parameter that repeats. Where one value is expected, the first counts.
 */

import { lowerFirst, type ReceivedRequest } from './codec.ts'
import { readText, writeText } from './json-values.ts'
import type { MemberShape, StructureShape } from './service-model.ts'
import { decodeUriText, encodeUriText, type Labels } from './uri-template.ts'
import type { WireRequest } from './wire-message.ts'

type Values = Record<string, unknown>

/** Such a member is told by its own name: `apiId`. */
export function placeInHead(name: string, member: MemberShape): string {
  return member.name ?? lowerFirst(name)
}

/** Labels, query parameters and header fields into `value`. */
export function readHead(
  { members }: StructureShape,
  { request, labels }: ReceivedRequest,
  value: Values,
): void {
  const query = readQuery(request.target)
  for (const [name, member] of Object.entries(members)) {
    const { type, place, name: field = name } = member
    const told = placeInHead(name, member)
    if (place === 'label') value[name] = readText(type, labels[name]!, told)
    else if (place === 'query') setFromQuery(value, { name, type, texts: query.get(field), told })
    else if (place === 'query-map') value[name] = queryMap(query, members)
    else if (place === 'header') {
      const text = headerOf(request, field)
      if (text !== undefined) value[name] = readText(type, text, told)
    }
  }
}

interface QueryMember {
  readonly name: string
  readonly type: MemberShape['type']
  readonly texts: readonly string[] | undefined
  readonly told: string
}

function setFromQuery(value: Values, { name, type, texts, told }: QueryMember): void {
  if (texts === undefined) return
  value[name] =
    type.kind === 'list'
      ? texts.map((text) => readText(type.member, text, told))
      : readText(type, texts[0]!, told)
}

/** Every parameter that no other member takes. */
function queryMap(
  query: ReadonlyMap<string, readonly string[]>,
  members: StructureShape['members'],
): Values {
  const taken = new Set(Object.values(members).map(({ name }) => name))
  const map: Values = Object.create(null)
  for (const [key, texts] of query) if (!taken.has(key)) map[key] = texts[0]
  return map
}

function readQuery(target: string): Map<string, string[]> {
  const query = new Map<string, string[]>()
  const at = target.indexOf('?')
  if (at < 0) return query
  for (const part of target.slice(at + 1).split('&')) {
    if (part === '') continue
    const [name = '', ...rest] = part.split('=')
    const key = decodeQueryText(name)
    const texts = query.get(key) ?? []
    texts.push(decodeQueryText(rest.join('=')))
    query.set(key, texts)
  }
  return query
}

function decodeQueryText(text: string): string {
  return decodeUriText(text.replaceAll('+', '%20'))
}

function headerOf({ headers }: WireRequest, name: string): string | undefined {
  const wanted = name.toLowerCase()
  return headers.find(([field]) => field.toLowerCase() === wanted)?.[1]
}

export function writeLabels({ members }: StructureShape, value: Values): Labels {
  const labels = Object.entries(members).filter(
    ([name, { place }]) => place === 'label' && value[name] !== undefined,
  )
  return Object.fromEntries(labels.map(([name, { type }]) => [name, writeText(type, value[name])]))
}

export function writeQuery({ members }: StructureShape, value: Values): string {
  const pairs: [string, string][] = []
  for (const [name, { place, name: field = name, type }] of Object.entries(members)) {
    const item = value[name]
    if (item === undefined || item === null) continue
    if (place === 'query' && type.kind === 'list') {
      for (const element of item as unknown[]) pairs.push([field, writeText(type.member, element)])
    } else if (place === 'query') pairs.push([field, writeText(type, item)])
    else if (place === 'query-map') pairs.push(...Object.entries(item as Record<string, string>))
  }
  return pairs.map((pair) => pair.map(encodeUriText).join('=')).join('&')
}

export function writeHeaders({ members }: StructureShape, value: Values): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, { place, name: field = name, type }] of Object.entries(members)) {
    const item = value[name]
    if (place !== 'header' || item === undefined || item === null) continue
    headers[field.toLowerCase()] = writeText(type, item)
  }
  return headers
}
