/** The API definitions that Postern runs in the bench: the bare routes, many routes, and one that changes. */

/** What every bare row uses; the peers forward every path. */
export const BARE_DEFINITION = `openapi: 3.0.3
info: { title: bench, version: '1' }
paths:
  /pets: { get: { responses: { '200': { description: any } } } }
  /large/10m: { get: { responses: { '200': { description: 10 MB } } } }
  /large/1g: { get: { responses: { '200': { description: 1 GB } } } }
  /upload: { post: { responses: { '200': { description: taken } } } }
`

const OPERATION = { get: { responses: { 200: { description: 'any' } } } }
/** As many different requests for few routes as for many, so that only the number of routes differs. */
const REQUESTS = 10_000
/** A prime: steps through all requests in an order that is spread over them. */
const STRIDE = 7_919

export interface ManyRoutes {
  readonly definition: string
  /** Request paths that take turns through all routes. */
  readonly paths: readonly string[]
}

/** `count` routes, every second one with a path variable; all paths are equally long whatever the count. */
export function manyRoutes(count: number): ManyRoutes {
  const paths: Record<string, typeof OPERATION> = {}
  for (let i = 0; i < count; i++) paths[manyPath(i, '{itemId}')] = OPERATION
  const definition = { openapi: '3.0.3', info: { title: 'many', version: '1' }, paths }
  const requests = Array.from({ length: REQUESTS }, (_, i) => {
    const place = (i * STRIDE) % REQUESTS
    return manyPath(place % count, `n${digits(place, 4)}`)
  })
  return { definition: JSON.stringify(definition), paths: requests }
}

function manyPath(i: number, item: string): string {
  return `/area-${digits(i, 5)}/items/${i % 2 === 0 ? 'total' : item}`
}

function digits(value: number, length: number): string {
  return String(value).padStart(length, '0')
}

/**
 * A definition whose every answer shows its revision twice: once as the request was changed on its way to the origin
 * (which echoes it), once as the response was changed on its way back. Two different numbers in one answer mean that
 * one request saw two revisions. Each revision has a route of its own, `/revision/N`.
 */
export function revisionDefinition(revision: number, originPort: number): string {
  const operation = (path: string) => ({
    get: {
      responses: { 200: { description: 'any' } },
      'x-amazon-apigateway-integration': {
        type: 'http_proxy',
        httpMethod: 'GET',
        uri: `http://127.0.0.1:${originPort}${path}`,
        payloadFormatVersion: '1.0',
        requestParameters: { 'overwrite:header.x-revision': String(revision) },
        responseParameters: { 200: { 'overwrite:header.x-revision': String(revision) } },
      },
    },
  })
  const own = `/revision/${revision}`
  const paths = { '/steady': operation('/steady'), [own]: operation(own) }
  return JSON.stringify({ openapi: '3.0.3', info: { title: 'revisions', version: '1' }, paths })
}
