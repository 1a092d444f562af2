/**
 * The manifests of examples/private-api/kubernetes: each has the shape that Kubernetes and Istio take, what one names
 * exists in another, and what they are there for holds (nothing comes in but by the ingress, with mutual TLS and a token).
 */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { parseAllDocuments } from 'yaml'

const ROOT = resolve(import.meta.dirname, '../..')
const FOLDER = resolve(ROOT, 'examples/private-api/kubernetes')

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

/** What stands at a path of members and places: `spec.servers.0.tls.mode`. */
function at(value: unknown, path: string): unknown {
  return path.split('.').reduce((inside: unknown, name) => Object(inside)[name], value)
}

interface Model {
  validate(): void
}

/** The class that checks manifests of a kind; Istio's and Kubernetes' own are published apart. */
async function modelOf({ apiVersion, kind }: Manifest): Promise<new (manifest: object) => Model> {
  const family = apiVersion.includes('.istio.io/')
    ? '@kubernetes-models/istio'
    : 'kubernetes-models'
  return (await import(`${family}/${apiVersion}/${kind}`))[kind]
}

function manifestsOf(file: string): Manifest[] {
  return parseAllDocuments(readFileSync(resolve(FOLDER, file), 'utf8')).map((document) => {
    assert.deepEqual(document.errors, [], file)
    return document.toJS() as Manifest
  })
}

const FILES = readdirSync(FOLDER)
const ALL = FILES.flatMap(manifestsOf)

function the(kind: string, name?: string): Manifest {
  const found = ALL.filter(
    (each) => each.kind === kind && (name ?? each.metadata.name) === each.metadata.name,
  )
  assert.equal(found.length, 1, `${kind} ${name ?? ''}`)
  return found[0]!
}

test('every manifest has the shape of its kind', async () => {
  assert.ok(ALL.length >= 10)
  for (const manifest of ALL) {
    const name = `${manifest.kind} ${manifest.metadata.name}`
    const Model = await modelOf(manifest)
    assert.doesNotThrow(() => new Model(manifest).validate(), name)
  }
})

test('a manifest with a wrong member or value is told apart', async () => {
  for (const [kind, path, member, value] of [
    ['Gateway', 'spec.servers.0.tls', 'mode', 'PERHAPS'],
    ['AuthorizationPolicy', 'spec', 'rules', 'everybody'],
    ['StatefulSet', 'spec', 'replicas', 'two'],
  ] as const) {
    const broken = structuredClone(the(kind))
    Object.assign(Object(at(broken, path)), { [member]: value })
    const Kind = await modelOf(broken)
    assert.throws(() => new Kind(broken).validate(), new RegExp(member), kind)
  }
})

test('what one manifest names is there in another', () => {
  const gateway = the('Gateway')
  const route = the('VirtualService')
  const { namespace, name } = gateway.metadata
  assert.deepEqual(at(route, 'spec.gateways'), [`${namespace}/${name}`])
  assert.deepEqual(at(route, 'spec.hosts'), at(gateway, 'spec.servers.0.hosts'))
  const service = the('Service', 'orders')
  const host = `${service.metadata.name}.${service.metadata.namespace}.svc.cluster.local`
  assert.deepEqual(at(route, 'spec.http.0.route.0.destination'), {
    host,
    port: { number: at(service, 'spec.ports.0.port') },
  })
  for (const kind of ['RequestAuthentication', 'AuthorizationPolicy']) {
    assert.deepEqual(at(the(kind), 'spec.selector.matchLabels'), at(service, 'spec.selector'), kind)
    assert.equal(the(kind).metadata.namespace, service.metadata.namespace, kind)
  }
  const selector = at(the('StatefulSet'), 'spec.selector')
  assert.deepEqual(at(the('NetworkPolicy'), 'spec.podSelector'), selector)
  assert.deepEqual(at(the('PodDisruptionBudget'), 'spec.selector'), selector)
})

test('the only way in is the ingress, with mutual TLS and a token of the issuer', () => {
  assert.equal(at(the('Gateway'), 'spec.servers.0.tls.mode'), 'MUTUAL')
  assert.equal(at(the('PeerAuthentication'), 'spec.mtls.mode'), 'STRICT')
  const tokens = at(the('RequestAuthentication'), 'spec.jwtRules.0')
  assert.equal(at(tokens, 'forwardOriginalToken'), true)
  const policy = the('AuthorizationPolicy')
  assert.equal(at(policy, 'spec.action'), 'ALLOW')
  assert.equal(at(policy, 'spec.rules.length'), 1)
  assert.equal(at(policy, 'spec.rules.0.from.length'), 1)
  assert.deepEqual(at(policy, 'spec.rules.0.from.0.source'), {
    principals: ['cluster.local/ns/istio-ingress/sa/istio-ingress'],
    requestPrincipals: [`${at(tokens, 'issuer')}/*`],
  })
})

test('nothing reaches the agent, and it reaches no more than it has to', () => {
  const policy = the('NetworkPolicy')
  assert.deepEqual(at(policy, 'spec.ingress'), [])
  assert.deepEqual(at(policy, 'spec.policyTypes'), ['Ingress', 'Egress'])
  const ports = Array.from(Object(at(policy, 'spec.egress')), (rule) =>
    Array.from(Object(at(rule, 'ports')), (each) => at(each, 'port')),
  )
  assert.deepEqual(ports, [[53, 53], [8444], [8443]])
  const container = at(the('StatefulSet'), 'spec.template.spec.containers.0')
  assert.equal(at(container, 'securityContext.readOnlyRootFilesystem'), true)
  assert.equal(at(container, 'ports'), undefined)
})
