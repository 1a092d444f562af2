/**
 * Every metric, one table: name, type, and the sentence that `/metrics` and the documentation say about it.
 *
 * Names and dimensions of the first group are those of API Gateway's HTTP API metrics
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html) in the spelling of Prometheus.
 */

import type { WireErrorKind } from '../../http/wire-error.ts'

type MetricType = 'counter' | 'gauge' | 'histogram'

export interface Metric {
  readonly name: string
  readonly type: MetricType
  readonly help: string
}

/** One figure for each stage, and for each route where detailed metrics are on. */
export const STAGE_METRICS = {
  count: {
    name: 'apigateway_count_total',
    type: 'counter',
    help: 'Calls, whatever became of them (AWS: Count).',
  },
  clientErrors: {
    name: 'apigateway_4xx_total',
    type: 'counter',
    help: 'Calls that were answered with a status from 400 to 499 (AWS: 4xx).',
  },
  serverErrors: {
    name: 'apigateway_5xx_total',
    type: 'counter',
    help: 'Calls that were answered with a status from 500 to 599 (AWS: 5xx).',
  },
  throttled: {
    name: 'postern_throttled_total',
    type: 'counter',
    help: 'Calls that were answered with 429 because a token bucket was empty; they are in 4xx too.',
  },
  refused: {
    name: 'postern_stage_refusals_total',
    type: 'counter',
    help: 'Calls that the gateway itself answered, by the step that refused them (authorize, throttle, quota, integrate and so on).',
  },
  dataProcessed: {
    name: 'apigateway_data_processed_bytes_total',
    type: 'counter',
    help: 'Bytes of request and response bodies (AWS: DataProcessed).',
  },
  latency: {
    name: 'apigateway_latency_seconds',
    type: 'histogram',
    help: 'From the request head to the end of the response (AWS: Latency).',
  },
  integrationLatency: {
    name: 'apigateway_integration_latency_seconds',
    type: 'histogram',
    help: 'Waiting for the integration; calls without one are not in it (AWS: IntegrationLatency).',
  },
  gatewayLatency: {
    name: 'postern_gateway_latency_seconds',
    type: 'histogram',
    help: 'Latency without the integration: what the gateway itself added.',
  },
} as const satisfies Record<string, Metric>

/** One figure for each worker, which the worker writes. */
export const WORKER_METRICS = {
  connections: {
    name: 'postern_connections',
    type: 'gauge',
    help: 'Open client connections.',
  },
  connectionsAccepted: {
    name: 'postern_connections_accepted_total',
    type: 'counter',
    help: 'Client connections accepted.',
  },
  requests: {
    name: 'postern_requests_total',
    type: 'counter',
    help: 'Requests whose head was valid, on any stage or none.',
  },
  requestsInFlight: {
    name: 'postern_requests_in_flight',
    type: 'gauge',
    help: 'Requests that are being answered.',
  },
  eventLoopLagSeconds: {
    name: 'postern_event_loop_lag_seconds',
    type: 'gauge',
    help: 'How late the event loop was on average, over the last interval.',
  },
  eventLoopLagMaxSeconds: {
    name: 'postern_event_loop_lag_max_seconds',
    type: 'gauge',
    help: 'How late the event loop was at most, over the last interval.',
  },
  heapUsedBytes: {
    name: 'postern_heap_used_bytes',
    type: 'gauge',
    help: 'JavaScript heap in use.',
  },
  spansDropped: {
    name: 'postern_spans_dropped_total',
    type: 'counter',
    help: 'Recorded calls that the worker could not hand to the main thread.',
  },
  overloadStage: {
    name: 'postern_overload_stage',
    type: 'gauge',
    help: 'Stage of overload: 0 calm, 1 connections are not kept, 2 calls are refused, 3 nobody is let in.',
  },
  overloadRefusals: {
    name: 'postern_overload_refusals_total',
    type: 'counter',
    help: 'Calls that were answered 503 because the worker had too much to do.',
  },
  logLinesDropped: {
    name: 'postern_access_log_lines_dropped_total',
    type: 'counter',
    help: 'Access-log lines that never reached their target.',
  },
} as const satisfies Record<string, Metric>

/** One figure for each target group; names are those of Application Load Balancers. */
export const TARGET_GROUP_METRICS = {
  healthy: {
    name: 'applicationelb_healthy_host_count',
    type: 'gauge',
    help: 'Targets that are healthy (AWS: HealthyHostCount).',
  },
  unhealthy: {
    name: 'applicationelb_un_healthy_host_count',
    type: 'gauge',
    help: 'Targets that are unhealthy (AWS: UnHealthyHostCount).',
  },
  requests: {
    name: 'applicationelb_request_count_total',
    type: 'counter',
    help: 'Requests that were sent to a target, those that were sent again included (AWS: RequestCount).',
  },
  status2xx: {
    name: 'applicationelb_httpcode_target_2xx_count_total',
    type: 'counter',
    help: 'Answers of targets from 200 to 299 (AWS: HTTPCode_Target_2XX_Count).',
  },
  status3xx: {
    name: 'applicationelb_httpcode_target_3xx_count_total',
    type: 'counter',
    help: 'Answers of targets from 300 to 399 (AWS: HTTPCode_Target_3XX_Count).',
  },
  status4xx: {
    name: 'applicationelb_httpcode_target_4xx_count_total',
    type: 'counter',
    help: 'Answers of targets from 400 to 499 (AWS: HTTPCode_Target_4XX_Count).',
  },
  status5xx: {
    name: 'applicationelb_httpcode_target_5xx_count_total',
    type: 'counter',
    help: 'Answers of targets from 500 to 599 (AWS: HTTPCode_Target_5XX_Count).',
  },
  connectionErrors: {
    name: 'applicationelb_target_connection_error_count_total',
    type: 'counter',
    help: 'Requests that a target did not take or not answer (AWS: TargetConnectionErrorCount).',
  },
  ejections: {
    name: 'postern_target_ejections_total',
    type: 'counter',
    help: 'How often a target was left out because it failed calls.',
  },
  retries: {
    name: 'postern_target_retries_total',
    type: 'counter',
    help: 'Requests that went to another target after the first did not take or not answer them.',
  },
  inFlight: {
    name: 'postern_target_requests_in_flight',
    type: 'gauge',
    help: 'Requests that targets are answering.',
  },
} as const satisfies Record<string, Metric>

/** Of one group: a figure for each of the metrics. */
export type TargetGroupFigures = Readonly<Record<keyof typeof TARGET_GROUP_METRICS, number>>

/** One figure for each VPC link that agents serve. */
export const LINK_METRICS = {
  agents: {
    name: 'postern_link_agents',
    type: 'gauge',
    help: 'Agents of the VPC link that are connected.',
  },
  connections: {
    name: 'postern_link_connections',
    type: 'gauge',
    help: 'Connections of agents to the workers.',
  },
  streams: {
    name: 'postern_link_streams',
    type: 'gauge',
    help: 'Requests that are under way through the link.',
  },
  roundTripMs: {
    name: 'postern_link_round_trip_milliseconds',
    type: 'gauge',
    help: 'The longest round trip to an agent.',
  },
  bytesSent: {
    name: 'postern_link_sent_bytes_total',
    type: 'counter',
    help: 'Bytes to agents, before TLS.',
  },
  bytesReceived: {
    name: 'postern_link_received_bytes_total',
    type: 'counter',
    help: 'Bytes from agents, before TLS.',
  },
  streamsOpened: {
    name: 'postern_link_streams_total',
    type: 'counter',
    help: 'Streams to agents: one for each request, each time it is sent, and one for each hello.',
  },
  connectionsMade: {
    name: 'postern_link_connections_made_total',
    type: 'counter',
    help: 'Connections of agents that were taken: where it grows, agents come back again and again.',
  },
  connectionsLost: {
    name: 'postern_link_connections_lost_total',
    type: 'counter',
    help: 'Connections of agents that ended without either side having said so before.',
  },
} as const satisfies Record<string, Metric>

/** The same, with why in the label `reason`. */
export const LINK_REFUSALS = {
  refused: {
    name: 'postern_link_refusals_total',
    type: 'counter',
    help: 'Requests that no agent has answered: not-allowed (the list of the link or of the agent), no-agent, full (agents and queue).',
  },
} as const satisfies Record<string, Metric>

/** By figure. */
export const LINK_REFUSAL_REASONS = {
  refusedNotAllowed: 'not-allowed',
  refusedNoAgent: 'no-agent',
  refusedFull: 'full',
} as const

export type LinkFigures = Readonly<
  Record<keyof typeof LINK_METRICS | keyof typeof LINK_REFUSAL_REASONS, number>
>

/** What the main thread sends on: one figure for each signal and destination. */
export const EXPORT_METRICS = {
  exported: {
    name: 'postern_exported_total',
    type: 'counter',
    help: 'Items (recorded calls, log lines, metrics) that their destination has taken.',
  },
  exportDropped: {
    name: 'postern_export_dropped_total',
    type: 'counter',
    help: 'Items that were given up: the queue was full, or the destination did not take them.',
  },
  exportFailures: {
    name: 'postern_export_failures_total',
    type: 'counter',
    help: 'Requests to a destination that failed, each try counted.',
  },
} as const satisfies Record<string, Metric>

/** What the main thread knows about its workers and the process. */
export const PROCESS_METRICS = {
  refusals: {
    name: 'postern_refusals_total',
    type: 'counter',
    help: 'Requests and connections that the HTTP engine refused, by kind.',
  },
  workerUp: {
    name: 'postern_worker_up',
    type: 'gauge',
    help: 'Whether the worker serves (1) or not (0).',
  },
  workerRestarts: {
    name: 'postern_worker_restarts_total',
    type: 'counter',
    help: 'How often the worker was started again after it died.',
  },
  certificateExpiryDays: {
    name: 'postern_certificate_expiry_days',
    type: 'gauge',
    help: 'Days until the certificate expires, for each that domain names can have; negative when it has.',
  },
  truststoreStale: {
    name: 'postern_truststore_stale',
    type: 'gauge',
    help: 'Whether the truststore of the domain name could not be read again (1), so that an older one counts, or not (0).',
  },
  buildInfo: {
    name: 'postern_build_info',
    type: 'gauge',
    help: 'Always 1; the labels say what is running.',
  },
  startTime: {
    name: 'process_start_time_seconds',
    type: 'gauge',
    help: 'When the process started, in seconds since 1970.',
  },
  residentMemory: {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory of the whole process.',
  },
} as const satisfies Record<string, Metric>

export type WorkerMetricName = keyof typeof WORKER_METRICS
export const WORKER_METRIC_NAMES = Object.keys(WORKER_METRICS) as readonly WorkerMetricName[]

/** The compiler sees to it that no kind is missing. */
const REFUSAL_KIND_SET: Readonly<Record<WireErrorKind, true>> = {
  'connect-refused': true,
  'connect-timeout': true,
  'name-not-resolved': true,
  'tls-handshake': true,
  'head-invalid': true,
  'head-too-large': true,
  'target-too-long': true,
  'too-many-headers': true,
  'version-unsupported': true,
  'body-framing': true,
  'body-too-large': true,
  'head-timeout': true,
  'body-timeout': true,
  'response-timeout': true,
  'idle-timeout': true,
  'write-timeout': true,
  'pool-exhausted': true,
  overloaded: true,
  misdirected: true,
  'no-target': true,
  'targets-busy': true,
  'no-agent': true,
  'not-allowed': true,
  closed: true,
}
export const REFUSAL_KINDS = Object.keys(REFUSAL_KIND_SET) as readonly WireErrorKind[]
