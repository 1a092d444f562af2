/**
 * The path of an operation with its labels: `/v2/apis/{ApiId}/routes/{RouteId}`, matched and filled in.
 *
 * A label is one segment, percent-decoded once; `%2F` in it is data. An ARN in the last label may also come with bare
 * slashes, as some clients send it. No label is empty: `/v2/apis/` is not the API with the empty id.
 * https://smithy.io/2.0/spec/http-bindings.html#httplabel-trait
 */

import { ServiceError } from './service-error.ts'

export type Labels = Readonly<Record<string, string>>

interface Segment {
  readonly text: string
  readonly label: boolean
  /** `{Proxy+}`: takes every segment that is left. */
  readonly greedy: boolean
}

export interface UriTemplate {
  readonly segments: readonly Segment[]
  /** `mode=import`: query that the request must have. */
  readonly query: string
}

export function compileUri(uri: string): UriTemplate {
  const [path = '', query = ''] = uri.split('?')
  const segments = path
    .split('/')
    .slice(1)
    .map((text): Segment => {
      const label = /^\{(\w+)(\+?)\}$/.exec(text)
      if (label === null) return { text, label: false, greedy: false }
      return { text: label[1]!, label: true, greedy: label[2] === '+' }
    })
  return { segments, query }
}

/** `path` in segments, still encoded. Undefined: this is another path. Throws for labels that are not UTF-8. */
export function matchUri({ segments }: UriTemplate, path: readonly string[]): Labels | undefined {
  const encoded: Record<string, string> = {}
  for (const [i, { text, label, greedy }] of segments.entries()) {
    const given = path[i]
    if (given === undefined) return undefined
    if (!label) {
      if (given !== text) return undefined
      continue
    }
    const takesRest = i === segments.length - 1 && (greedy || isArn(given))
    const value = takesRest ? path.slice(i).join('/') : given
    if (value === '') return undefined
    encoded[text] = value
    if (takesRest) return decodeLabels(encoded)
  }
  return path.length === segments.length ? decodeLabels(encoded) : undefined
}

export function expandUri({ segments, query }: UriTemplate, labels: Labels): string {
  const path = segments.map(({ text, label, greedy }) => {
    if (!label) return text
    const value = labels[text] ?? ''
    if (value === '') {
      throw new ServiceError(
        'ValidationException',
        `${text} must not be empty: it is part of the path.`,
      )
    }
    return greedy ? value.split('/').map(encodeUriText).join('/') : encodeUriText(value)
  })
  return `/${path.join('/')}${query === '' ? '' : `?${query}`}`
}

/** Every character but the unreserved ones (RFC 3986, 2.3). */
export function encodeUriText(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** Throws a BadRequestException. */
export function decodeUriText(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new ServiceError(
      'BadRequestException',
      `The request target is not percent-encoded UTF-8 at "${text.slice(0, 100)}".`,
    )
  }
}

function isArn(encoded: string): boolean {
  return /^arn(?::|%3a)/i.test(encoded)
}

function decodeLabels(encoded: Readonly<Record<string, string>>): Labels {
  return Object.fromEntries(
    Object.entries(encoded).map(([name, value]) => [name, decodeUriText(value)]),
  )
}
