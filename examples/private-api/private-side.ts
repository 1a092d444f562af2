/**
 * Everything behind the gateway: two hosts of the mesh, the link into their network, and the load balancer over them.
 */

import type { ChildProcess } from 'node:child_process'
import type { Endpoint, Target } from './facts.ts'
import { MESH_NAME, makeMeshCertificates } from './inside/mesh-certificates.ts'
import type { TokenRules } from './inside/mesh-ingress.ts'
import { makeLoadBalancer } from './load-balancer.ts'
import type { Programs } from './programs.ts'

/** What an integration names. */
export interface PrivateSide {
  readonly vpcLinkId: string
  readonly listenerArn: string
  readonly ingresses: readonly Target[]
  readonly agent: ChildProcess
  /** The programs behind the ingresses, in the same order. */
  readonly hosts: readonly ChildProcess[]
}

export interface Outside {
  readonly endpoint: Endpoint
  /** Which tokens the mesh takes. */
  readonly tokens: TokenRules
  readonly linkPort: string
}

export async function openPrivateSide(
  programs: Programs,
  { endpoint, tokens, linkPort }: Outside,
): Promise<PrivateSide> {
  await makeMeshCertificates(programs.meshFolder)
  const inside = await Promise.all([programs.insideHost(tokens), programs.insideHost(tokens)])
  const ingresses = inside.map(({ ingress }) => ingress)
  const allow = ingresses.flatMap(({ host, port }) => ['--allow', `${host}:${port}`])
  const made = await programs.command('links', 'create', 'inside', ...allow, '--json')
  const { VpcLinkId: vpcLinkId, Token } = JSON.parse(made) as Record<string, string>
  const agent = programs.linkAgent(linkPort, Token!)
  const listenerArn = await makeLoadBalancer(endpoint, { ingresses, serverName: MESH_NAME })
  await programs.until('No agent of the link was there', async () =>
    (await connectedAgents(programs, 'inside')) > 0 ? true : undefined,
  )
  const hosts = inside.map(({ program }) => program)
  return { vpcLinkId: vpcLinkId!, listenerArn, ingresses, agent, hosts }
}

interface ShownLink {
  readonly Agents: readonly { readonly Connections: readonly unknown[] }[]
}

export async function connectedAgents(programs: Programs, link: string): Promise<number> {
  const { Agents } = JSON.parse(
    await programs.command('links', 'show', link, '--json'),
  ) as ShownLink
  return Agents.filter(({ Connections }) => Connections.length > 0).length
}
