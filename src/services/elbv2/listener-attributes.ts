/**
 * Attributes of listeners: header fields that an Application Load Balancer writes for clients that it terminates TLS of.
 * They take their defaults only; field names and values are mapped by the integration instead.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html
 */

import type { AttributeTable } from './attributes.ts'

const CLIENT_FIELDS = [
  'x_amzn_mtls_clientcert_serial_number',
  'x_amzn_mtls_clientcert_issuer',
  'x_amzn_mtls_clientcert_subject',
  'x_amzn_mtls_clientcert_validity',
  'x_amzn_mtls_clientcert_leaf',
  'x_amzn_mtls_clientcert',
  'x_amzn_tls_version',
  'x_amzn_tls_cipher_suite',
]
const RESPONSE_FIELDS = [
  'strict_transport_security',
  'access_control_allow_origin',
  'access_control_allow_methods',
  'access_control_allow_headers',
  'access_control_allow_credentials',
  'access_control_expose_headers',
  'access_control_max_age',
  'content_security_policy',
  'x_content_type_options',
  'x_frame_options',
]

function rows(keys: readonly string[]): AttributeTable {
  const row = { of: 'application', default: '', onlyDefault: true } as const
  return Object.fromEntries(keys.map((key) => [key, row]))
}

export const LISTENER_ATTRIBUTES: AttributeTable = {
  'tcp.idle_timeout.seconds': { of: 'network', default: '350', onlyDefault: true },
  'routing.http.response.server.enabled': {
    of: 'application',
    default: 'true',
    onlyDefault: true,
  },
  ...rows(CLIENT_FIELDS.map((name) => `routing.http.request.${name}.header_name`)),
  ...rows(RESPONSE_FIELDS.map((name) => `routing.http.response.${name}.header_value`)),
}
