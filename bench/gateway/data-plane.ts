/**
 * A data plane alone, without management, figures and logs: what is left is the way from client to origin, so that two ways
 * can be compared. Straight, or by a listener of a load balancer with three targets, which are three names of one origin.
 */
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../src/base/clock.ts'
import type { BalancingDocument, BalancingListener } from '../../src/domain/balancing.ts'
import type { Configuration, HttpApiStage } from '../../src/domain/http-api.ts'
import { limitsOf } from '../../src/domain/limits.ts'
import type { TargetGroup } from '../../src/domain/target-group.ts'
import { TargetRegister } from '../../src/server/balancing/target-register.ts'
import { createDataPlane } from '../../src/server/worker/data-plane.ts'
import type { Gateway } from './gateway.ts'

export type Way = 'direct' | TargetGroup['algorithm']

/** All of them are 127.0.0.1. */
const NAMES = ['127.0.0.1', '127.1', 'localhost']
const LISTENER = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/bench/1/1'
const GROUP = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/bench/1'

/** Runs this file as a gateway of its own. */
export function dataPlane(way: Way): Gateway {
  return {
    name: way,
    async launch({ port, originPort }) {
      const program = fileURLToPath(import.meta.url)
      return { command: [process.execPath, program, way, String(port), String(originPort)] }
    },
  }
}

async function serve(way: Way, port: number, originPort: number): Promise<void> {
  const limits = limitsOf('extended')
  const configuration = configurationOf(way, originPort)
  const register = new TargetRegister(limits, 1, systemClock)
  const targets = register.share(configuration)
  const plane = createDataPlane({ limits, targets: () => targets })
  await plane.load(configuration)
  plane.apply(configuration)
  register.retain(configuration)
  while (way !== 'direct' && register.figures().get(GROUP)?.healthy !== NAMES.length) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await plane.listenHttp({ port, host: '127.0.0.1' })
}

function configurationOf(way: Way, originPort: number): Configuration {
  const integration = {
    integrationId: 'origin',
    integrationType: 'HTTP_PROXY',
    integrationMethod: 'ANY',
    integrationUri: `http://127.0.0.1:${originPort}`,
    timeoutInMillis: 30_000,
    requestParameters: {},
    responseParameters: {},
    ...(way === 'direct' ? {} : { listenerArn: LISTENER }),
  } as const
  const stage: HttpApiStage = {
    protocolType: 'HTTP',
    ...{ apiId: 'a1b2c3d4e5', apiName: 'bench', accountId: '123456789012' },
    ...{ region: 'eu-west-1', stageName: '$default', stageVariables: {}, deploymentId: 'd1' },
    ...{ revision: 1, disableExecuteApiEndpoint: false, detailedMetricsEnabled: false },
    routes: [{ routeKey: '$default', integrationId: 'origin' }],
    integrations: { origin: integration },
  }
  if (way === 'direct') return { revision: 1, stages: [stage] }
  return { revision: 1, stages: [stage], balancing: balancingOf(way, originPort) }
}

function balancingOf(algorithm: TargetGroup['algorithm'], port: number): BalancingDocument {
  const group: TargetGroup = {
    ...{ arn: GROUP, name: 'bench', algorithm },
    protocol: 'HTTP',
    targets: NAMES.map((host) => ({ host, port, weight: 1, draining: false })),
    healthCheck: {
      protocol: 'TCP',
      ...{ enabled: true, path: '/', matcher: '200' },
      ...{ intervalMs: 5_000, timeoutMs: 2_000, healthyThreshold: 2, unhealthyThreshold: 2 },
    },
    outlierDetection: {
      ...{ consecutive5xx: 5, intervalMs: 10_000, baseEjectionMs: 30_000 },
      ...{ ejectedShareMax: 0.5, successRateDeviations: 2 },
    },
    ...{ slowStartMs: 0, deregistrationDelayMs: 1_000, panicThreshold: 0.01, retryBudget: 0.2 },
  }
  const forward = { type: 'forward', targetGroups: [{ arn: GROUP, weight: 1 }] } as const
  const listener: BalancingListener = {
    ...{ arn: LISTENER, port: 80 },
    protocol: 'HTTP',
    rules: [{ arn: LISTENER, conditions: [], action: forward }],
  }
  return { revision: 1, listeners: { [LISTENER]: listener }, targetGroups: { [GROUP]: group } }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [way = '', port, originPort] = process.argv.slice(2)
  await serve(way as Way, Number(port), Number(originPort))
}
