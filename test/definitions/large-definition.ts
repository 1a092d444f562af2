/** A definition of the size of the largest public APIs: a thousand operations with schemas, parameters and examples. */

import { stringify } from 'yaml'

const RESOURCES = [
  'issues',
  'pulls',
  'releases',
  'hooks',
  'keys',
  'labels',
  'milestones',
  'deployments',
  'runs',
  'branches',
]
const OWNERS = [
  'repos/{owner}/{repo}',
  'orgs/{org}',
  'teams/{team_id}',
  'users/{username}',
  'enterprises/{enterprise}',
  'projects/{project_id}',
  'apps/{app_slug}',
  'gists/{gist_id}',
  'networks/{network}',
  'packages/{package}',
]
const OPERATIONS = 1000

export function largeDefinition(syntax: 'json' | 'yaml'): string {
  const paths: Record<string, Record<string, unknown>> = {}
  let count = 0
  for (const owner of OWNERS) {
    for (const resource of RESOURCES) {
      const methods: [path: string, method: string][] = [
        [`/${owner}/${resource}`, 'get'],
        [`/${owner}/${resource}`, 'post'],
        [`/${owner}/${resource}/{number}`, 'get'],
        [`/${owner}/${resource}/{number}`, 'patch'],
        [`/${owner}/${resource}/{number}`, 'delete'],
        [`/${owner}/${resource}/{number}/comments`, 'get'],
        [`/${owner}/${resource}/{number}/comments`, 'post'],
        [`/${owner}/${resource}/{number}/comments/{comment_id}`, 'get'],
        [`/${owner}/${resource}/{number}/lock`, 'put'],
        [`/${owner}/${resource}/search`, 'get'],
      ]
      for (const [path, method] of methods) {
        if (count++ >= OPERATIONS) continue
        paths[path] ??= { parameters: parametersOf(path) }
        paths[path][method] = operationOf(`${method} ${path}`, resource)
      }
    }
  }
  const definition = {
    openapi: '3.0.3',
    info: { title: 'Collaboration', version: '1.1.4' },
    servers: [{ url: 'https://api.example.com' }],
    paths,
    components: { schemas: Object.fromEntries(RESOURCES.map((name) => [name, schemaOf(name)])) },
  }
  return syntax === 'yaml' ? stringify(definition) : JSON.stringify(definition, null, 1)
}

function parametersOf(path: string): unknown[] {
  return [...path.matchAll(/\{([^}]+)\}/g)].map((found) => ({
    name: found[1],
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}

function operationOf(key: string, resource: string): unknown {
  return {
    operationId: key.replace(/[^a-z]+/g, '-'),
    tags: [resource],
    description: `What ${key} does, at some length: `.repeat(3),
    responses: {
      200: {
        description: 'Response',
        content: { 'application/json': { schema: { $ref: `#/components/schemas/${resource}` } } },
      },
    },
  }
}

function schemaOf(name: string): unknown {
  const properties = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [
      `field_${i}`,
      { type: 'string', description: `The ${name}'s` },
    ]),
  )
  return {
    type: 'object',
    properties: { ...properties, related: { $ref: `#/components/schemas/${name}` } },
  }
}
