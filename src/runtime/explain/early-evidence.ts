/**
 * On what grounds a request was refused before it had a stage: by the engine, for its path, its host, its stage.
 */

import type { LimitName, Limits } from '../../domain/limits.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { WireError, WireErrorKind } from '../../http/wire-error.ts'
import { type Evidence, shortList, shortText } from '../../observability/explain/evidence.ts'
import type { ReasonCode } from '../../observability/explain/reasons.ts'
import type { ApiRuntime, Snapshot } from '../snapshot/snapshot.ts'
import { clientCertificateEvidence } from './client-certificate-evidence.ts'
import { mappedStageEvidence, mappingEvidence, tlsRequiredEvidence } from './domain-evidence.ts'

/** Of a request that has a head and no stage. */
export function exchangeEvidence(
  code: ReasonCode,
  exchange: Exchange,
  snapshot: Snapshot,
): Evidence {
  const { request, connection } = exchange
  const host = request.authority === '' ? 'no host' : request.authority
  switch (code) {
    case 'PATH_REFUSED':
      return {
        rule: 'a path has one reading: docs/decisions/0003-refuse-ambiguous-paths.md',
        seen: shortText(request.path),
        passes:
          'the path without . and .. segments, %2F, %5C, encoded dots or control characters, in UTF-8',
      }
    case 'MISDIRECTED':
      return {
        rule: 'the name of the TLS handshake and the Host field lead to one API or domain (RFC 9110 §7.4)',
        seen: `handshake for ${connection.tls?.serverName ?? 'no name'}, Host ${host}`,
        passes: 'a connection of its own for each name, or a certificate for one name only',
      }
    case 'ENDPOINT_DISABLED':
      return {
        rule: 'disableExecuteApiEndpoint of the API',
        seen: `${host}, which is the default endpoint`,
        passes: 'a custom domain name of the API, or the endpoint switched on again and deployed',
      }
    case 'MAPPING_NOT_FOUND':
      return mappingEvidence(exchange, snapshot)
    case 'MAPPED_STAGE_NOT_SERVED':
      return mappedStageEvidence(exchange, snapshot)
    case 'TLS_REQUIRED':
      return tlsRequiredEvidence(exchange, snapshot)
    case 'CLIENT_CERTIFICATE_REFUSED':
      return clientCertificateEvidence(exchange)
    case 'STAGE_NOT_FOUND':
      return stageEvidence(exchange, snapshot)
    case 'ROUTE_NOT_FOUND':
      return {
        rule: '* asks about the server, which is no resource of any API',
        seen: `${request.method} *`,
        passes: 'a path',
      }
    default:
      return hostEvidence(host, snapshot)
  }
}

function hostEvidence(host: string, { apis, domains }: Snapshot): Evidence {
  const ids = [...apis.keys()]
  const [first = '{apiId}'] = ids
  if (domains !== undefined) {
    return {
      rule: 'an API answers under its own name and at custom domain names',
      seen: `host ${shortText(host, 80)}`,
      passes: shortList([...domains.names, `${first}.execute-api.localhost`], 6),
    }
  }
  return {
    rule:
      ids.length === 1
        ? 'an API answers under its own name, or, as the only one, under any other'
        : `an API answers under its own name; ${ids.length} are served`,
    seen: `host ${shortText(host, 80)}`,
    passes:
      ids.length === 0
        ? 'nothing: no API is served'
        : `${first}.execute-api.localhost, or the path /_aws/execute-api/${first}/{stage}/…; APIs: ${shortList(ids, 4)}`,
  }
}

function stageEvidence({ request }: Exchange, snapshot: Snapshot): Evidence {
  const api = apiOf(request.host, request.path, snapshot)
  const stages = api === undefined ? [] : [...api.stages.keys()]
  return {
    rule: 'the first path segment names a stage, where the API has no $default stage',
    seen: `path ${shortText(request.path, 100)}`,
    passes: stages.map((stage) => `/${stage}/…`).join(', ') || 'nothing: the API has no stage',
  }
}

/** The one that the refused request addressed. */
function apiOf(host: string, path: string, snapshot: Snapshot): ApiRuntime | undefined {
  const named = snapshot.apiAt(host)
  if (named !== undefined) return named
  for (const segment of path.split('/', 4)) {
    const api = snapshot.apis.get(segment)
    if (api !== undefined) return api
  }
  return snapshot.apis.size === 1 ? snapshot.apis.values().next().value : undefined
}

/** Which limit a refusal of the engine is about. */
const LIMIT_OF: Partial<Record<WireErrorKind, LimitName>> = {
  'head-too-large': 'requestHeadBytes',
  'target-too-long': 'requestHeadBytes',
  'too-many-headers': 'requestHeaderCount',
  'body-too-large': 'requestBodyBytes',
  'head-timeout': 'headTimeoutMs',
  'body-timeout': 'bodyTimeoutMs',
  overloaded: 'clientConnections',
}

/** Of a request that never became an exchange. */
export function wireEvidence({ kind, detail }: WireError, limits: Limits): Evidence {
  const name = LIMIT_OF[kind]
  if (name === undefined) {
    return {
      rule: 'the syntax of HTTP (RFC 9110, RFC 9112, RFC 9113)',
      seen: detail,
      passes: 'the same request, written as the RFCs say; curl -v shows one',
    }
  }
  return {
    rule: `limit ${name}: ${limits[name]}`,
    seen: detail,
    passes: `less than that, or --limit ${name}=…`,
  }
}
