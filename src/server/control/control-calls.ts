/**
 * The management APIs, put together: services, codecs, signatures, the live tail.
 *
 * Loaded when the data ports are open, so that the first answer does not wait for a hundred operations.
 */

import { randomBytes, randomUUID } from 'node:crypto'
import { SigningKeys } from '../../aws/sigv4/signing-key.ts'
import { type Verdict, verifySignature } from '../../aws/sigv4/sigv4.ts'
import type { WireRequest } from '../../aws/wire-message.ts'
import { processClock, systemClock } from '../../base/clock.ts'
import { acmeRefusal } from '../../certificates/acme/acme-names.ts'
import type { Limits } from '../../domain/limits.ts'
import type { AccessKey } from '../../identity/access-key-record.ts'
import { AccessKeyRing } from '../../identity/access-key-ring.ts'
import { ensureFirstKey } from '../../identity/access-keys.ts'
import type { Sealer } from '../../identity/installation-key.ts'
import { ensureSessionKey } from '../../identity/session-key.ts'
import type { ExplainQuery } from '../../observability/explain/explained-call.ts'
import { acmService } from '../../services/acm/acm.ts'
import { readAcmModel } from '../../services/acm/service-model.ts'
import { apiGateway } from '../../services/apigateway/apigateway.ts'
import { readApiGatewayModel } from '../../services/apigateway/service-model.ts'
import { apiGatewayV2 } from '../../services/apigatewayv2/apigatewayv2.ts'
import { readApiGatewayV2Model } from '../../services/apigatewayv2/service-model.ts'
import { refuseIdentity } from '../../services/authorize-call.ts'
import { cognitoIdp } from '../../services/cognito-idp/cognito-idp.ts'
import { readCognitoIdpModel } from '../../services/cognito-idp/service-model.ts'
import { ControlPlane, checkSignedFor } from '../../services/control-plane.ts'
import { ControlThrottle } from '../../services/control-throttle.ts'
import { DeniedCalls } from '../../services/denied-calls.ts'
import { Dispatcher } from '../../services/dispatcher.ts'
import { elbv2Service } from '../../services/elbv2/elbv2.ts'
import { iamService } from '../../services/iam/iam.ts'
import { posternService } from '../../services/postern/postern.ts'
import type { Service } from '../../services/service.ts'
import { serviceDiscovery } from '../../services/servicediscovery/servicediscovery.ts'
import { stsService } from '../../services/sts/sts.ts'
import { INSTALLATION } from '../../storage/store.ts'
import { StoreUnusable } from '../../storage/store-unusable.ts'
import { certificateParts } from '../certificates/certificate-parts.ts'
import { Identity, type IdentityCall } from '../identity/identity.ts'
import { startUserPoolWork } from '../identity/user-pool-work.ts'
import type { Links } from '../links/links.ts'
import type { OpenableControl } from '../program.ts'
import type { ProgramLog } from '../program-log.ts'
import type { Settings } from '../settings/settings.ts'
import type { StoredApis } from '../stored-apis.ts'
import type { StageMemory } from '../usage/stage-memory.ts'
import { CallerKeys } from './caller-keys.ts'
import { ControlApi, type ControlApiParts } from './control-api.ts'
import { removeControlFile, writeControlFile } from './control-file.ts'
import { type ControlSource, createControlPort } from './control-port.ts'
import { ExplainedCalls } from './explained-calls.ts'
import type { LiveTail } from './live-tail.ts'
import { sendTail } from './tail-response.ts'

/** A definition may travel as one JSON text, where every character may take two. */
const BODY_FACTOR = 2
const BODY_BASE_BYTES = 65_536

/** The identity port takes what everybody may call. */
const NOT_SIGNED_HERE: Verdict = {
  kind: 'refused',
  cause: 'unsigned',
  code: 'MissingAuthenticationTokenException',
  message: 'Only calls that need no signature are answered here; the others, on the control port.',
}

export interface ControlCallsInput {
  readonly settings: Settings
  readonly limits: Limits
  readonly source: ControlSource
  readonly apis: StoredApis
  readonly tail: LiveTail
  /** What each worker keeps of its calls, and how it names their stages. */
  readonly memory: Pick<StageMemory, 'calls' | 'numbers' | 'targets'>
  readonly links: Links
  readonly log: ProgramLog
}

export async function openControlCalls(input: ControlCallsInput): Promise<OpenableControl> {
  const { settings, limits, source, apis, tail, links, log } = input
  const { store, openSealer } = apis
  const { firstKey, ring } = await openKeys(apis, settings.accountId)
  const keys = new CallerKeys(ring, () => apis.publisher.identities)
  const identity = await Identity.open({ settings, limits, store, openSealer, log })
  const native = posternService(openSealer, links)
  const cognitoModel = readCognitoIdpModel()
  const { pools } = identity
  const services = [native, cognitoIdp(cognitoModel, pools), ...servicesOfAws(settings, apis)]
  const dispatcher = new Dispatcher(services)
  const denied = deniedCalls(input)
  const plane = new ControlPlane({
    ...apis.callParts,
    ...seenByWorkers(input),
    ...{ denied, dispatcher, writes: apis.writes },
    throttle: settings.controlThrottles === 'aws' ? new ControlThrottle(systemClock) : undefined,
    trouble: (error, requestId) => log.error(`call ${requestId} failed: ${textOf(error)}`),
  })
  const { insecureControl, accountId, region } = settings
  const open: OpenParts = {
    isPublic: (head) => dispatcher.isPublic(head),
    publicBytesMax: limits.publicCallBytes,
    failureOf: (thrown, requestId) => plane.failureOf(thrown, requestId),
    answer: (request, proof) => plane.answer(request, proof),
    newRequestId: randomUUID,
    nowMs: () => systemClock.epochMs(),
    sourceIp: (peer, forwardedFor) => identity.sourceIp(peer, forwardedFor),
  }
  const calls = new ControlApi({
    ...open,
    denied: (call) => denied.note(call),
    verify: verifierOf(keys, services),
    findKey: (accessKeyId, token) => keys.find(accessKeyId, token),
    tail: ({ target }, response, proof) => {
      checkSignedFor(proof, native.model.signingName)
      const { caller, signedFor } = proof
      refuseIdentity(caller, 'postern:Tail')
      const isAllowed = () => signedFor === undefined || ring.find(caller.accessKeyId) !== undefined
      sendTail(tail, { target, caller, isAllowed }, response)
    },
    bodyBytesMax: limits.definitionBytes * BODY_FACTOR + BODY_BASE_BYTES,
    insecure: insecureControl ? { accountId, region } : undefined,
  })
  const strangers = new ControlApi(strangersOnly(open, limits))
  const port = createControlPort(source, calls)
  const stopWork = await startUserPoolWork({ settings, limits, pools, apis, log })
  return {
    firstKey,
    listen: (number, host) => port.listen(number, host),
    openIdentity: async () => {
      const call: IdentityCall = (request, response) => strangers.handle(request, response)
      await identity.begin(call, async () => {
        const { hostedIdentity } = await import('../identity/hosted-identity.ts')
        return hostedIdentity({ pools, model: cognitoModel, plane, apis, limits })
      })
      return identity.url
    },
    announce: (url) => writeControlFile(settings.data, { url, pid: process.pid, region }),
    close: () => {
      port.close()
      void denied.close()
      stopWork()
      ring.close()
      identity.close()
      removeControlFile(settings.data)
    },
  }
}

/** Those that need little but the store. */
function servicesOfAws(settings: Settings, { openSealer }: StoredApis): Service[] {
  return [
    acmService(readAcmModel(), {
      ...certificateParts(settings.data, openSealer),
      publicRefusal: (names) => acmeRefusal(settings, names),
    }),
    apiGatewayV2(readApiGatewayV2Model()),
    apiGateway(readApiGatewayModel(), openSealer),
    iamService(openSealer),
    stsService(openSealer),
    elbv2Service(),
    serviceDiscovery(),
  ]
}

function verifierOf(
  keys: CallerKeys,
  services: readonly Service[],
): (request: WireRequest) => Verdict {
  const options = {
    secretOf: (accessKeyId: string, token: string | undefined) => keys.secretOf(accessKeyId, token),
    services: [...new Set(services.map(({ model }) => model.signingName))],
    clock: systemClock,
    signingKeys: new SigningKeys(),
  }
  return (request) => verifySignature(request, options)
}

/** What the control port and the identity port do alike. */
type OpenParts = Pick<
  ControlApiParts,
  'isPublic' | 'publicBytesMax' | 'failureOf' | 'answer' | 'newRequestId' | 'nowMs' | 'sourceIp'
>

function strangersOnly(open: OpenParts, limits: Limits): ControlApiParts {
  return {
    ...open,
    verify: () => NOT_SIGNED_HERE,
    findKey: () => undefined,
    tail: (_request, response) => void response.destroy(),
    bodyBytesMax: limits.publicCallBytes,
    insecure: undefined,
  }
}

async function openKeys(apis: StoredApis, accountId: string) {
  const sealer = await apis.openSealer()
  const firstKey = await makeFirstKey(apis, accountId, sealer)
  return { firstKey, ring: await AccessKeyRing.open(apis.store, sealer) }
}

function makeFirstKey(
  apis: StoredApis,
  accountId: string,
  sealer: Sealer,
): Promise<AccessKey | undefined> {
  const caller = { accountId, accessKeyId: 'first start', readOnly: false, sourceIp: '' }
  const facts = { scope: INSTALLATION, caller, requestId: '', action: 'postern:CreateAccessKey' }
  const request = { accountId, description: 'made on the first start' }
  return apis.writes.run(facts, async ({ installation, now }) => {
    const source = { sealer, randomBytes, now }
    await ensureSessionKey(installation, source)
    return ensureFirstKey(installation, request, source)
  })
}

/** What to do, where somebody can do something; else a bug, with where it is. */
function textOf(error: unknown): string {
  if (error instanceof StoreUnusable) return `${error.message} ${error.mend}`
  return `a bug: ${error instanceof Error ? error.stack : String(error)}`
}

function deniedCalls({ apis, limits, log }: ControlCallsInput): DeniedCalls {
  return new DeniedCalls({
    ...{ store: apis.store, limits, nowMs: () => systemClock.epochMs(), after: later },
    trouble: (error) =>
      log.error(`calls that were denied are not in the audit log: ${textOf(error)}`),
  })
}

/** Nothing that has to keep the process. Returns how to call it off. */
function later(delayMs: number, action: () => void): () => void {
  const timer = setTimeout(action, delayMs).unref()
  return () => clearTimeout(timer)
}

/** What reads ask of workers' memory. */
function seenByWorkers({ memory, limits, links }: ControlCallsInput) {
  const explained = new ExplainedCalls({ memory, clock: processClock, limits })
  return {
    explain: (query: ExplainQuery) => explained.answer(query),
    linkedAgents: () => links.connected(),
    targetHealth: (arn: string) => memory.targets.healthOf(arn),
  }
}
