/**
 * How a package's client speaks: protocol, signing name, target. Only the settings of a client that was made know.
 */

import type { ServiceModel } from '../../src/aws/service-model.ts'
import { isOperation } from './schemas.ts'

export interface SdkPackage {
  /** `apigatewayv2` */
  readonly name: string
  readonly version: string
  /** What the package exports. */
  readonly exports: Readonly<Record<string, unknown>>
  /** The text of its model declarations (.d.ts). */
  readonly declarations: string
}

export interface ClientSettings {
  readonly signingName: string
  readonly apiVersion: string
  readonly protocol: ServiceModel['protocol']
  readonly targetPrefix: string
  readonly xmlNamespace: string
  /** An operation that everybody may call: its client signs nothing. */
  readonly isPublic: (operation: string) => boolean
}

const PROTOCOLS: Readonly<Record<string, ServiceModel['protocol']>> = {
  'aws.protocols#restJson1': 'rest-json',
  'aws.protocols#awsJson1_1': 'json-1.1',
  'aws.protocols#awsQuery': 'query',
}

/** Some packages ask the rules for endpoints, which write their parameters in capitals. */
const PLACE = { region: 'us-east-1', Region: 'us-east-1', UseGlobalEndpoint: false }

interface SdkClient {
  readonly config: {
    readonly apiVersion: string
    readonly protocol: { getShapeId(): string }
    readonly protocolSettings: { readonly serviceTarget?: string; readonly xmlNamespace?: string }
    readonly httpAuthSchemeProvider: (parameters: object) => readonly {
      readonly schemeId: string
      readonly signingProperties?: { readonly name: string }
    }[]
  }
}

export function clientSettings({ name, exports }: SdkPackage): ClientSettings {
  const Client = Object.entries(exports).find(([key]) => /^[A-Z]\w+Client$/.test(key))?.[1]
  if (typeof Client !== 'function') throw new Error(`${name} exports no client`)
  const { region } = PLACE
  const credentials = { accessKeyId: 'unused', secretAccessKey: 'unused' }
  const { config } = Reflect.construct(Client, [{ region, credentials }]) as SdkClient
  const shapeId = config.protocol.getShapeId()
  const protocol = PROTOCOLS[shapeId]
  if (protocol === undefined) throw new Error(`${name} speaks ${shapeId}, which no codec does`)
  return {
    protocol,
    signingName: signingNameOf(config, Object.values(exports)),
    apiVersion: config.apiVersion,
    targetPrefix: config.protocolSettings.serviceTarget ?? '',
    xmlNamespace: config.protocolSettings.xmlNamespace ?? '',
    isPublic: (operation) => {
      const schemes = config.httpAuthSchemeProvider({ operation, ...PLACE })
      return schemes.length > 0 && schemes.every(({ schemeId }) => schemeId === 'smithy.api#noAuth')
    },
  }
}

/** Some operations take no signature; the first that does knows the name. */
function signingNameOf(
  { httpAuthSchemeProvider }: SdkClient['config'],
  exported: readonly unknown[],
): string {
  for (const value of exported.filter(isOperation)) {
    const schemes = httpAuthSchemeProvider({ operation: value[2], ...PLACE })
    const signed = schemes.find(({ schemeId }) => schemeId === 'aws.auth#sigv4')
    if (signed?.signingProperties !== undefined) return signed.signingProperties.name
  }
  throw new Error('No operation is signed')
}
