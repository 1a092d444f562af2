/**
 * Every setting, in one table: its type, default, meaning, and the commands that read it.
 *
 * A setting has one name in three spellings: `--access-log` on the command line, `POSTERN_ACCESS_LOG` in the
 * environment, `access-log` in postern.yaml; the first one given wins, in that order. The type `Settings`, help,
 * shell completion and docs/reference/settings.md are made from this table.
 */

import { LIMITS, type LimitName } from '../../domain/limits.ts'
import { nearestName } from '../../expression/did-you-mean.ts'
import { emails, httpsUrl } from './acme-values.ts'
import { count, countOrAuto, duration, durationOrOff, portOrOff } from './number-values.ts'
import {
  debugKeys,
  gatewayUrls,
  instances,
  networks,
  originCaps,
  pairs,
  texts,
  words,
} from './repeated-values.ts'
import {
  choice,
  messageSender,
  onOff,
  path,
  text,
  url,
  urlOrOtlp,
  wordsOrText,
} from './text-values.ts'
import { traceMode } from './trace-mode.ts'
import { optional, ValueError, type ValueType } from './value-type.ts'

export interface Setting<T = unknown> {
  readonly type: ValueType<T>
  /** As one would write it; undefined: not set. */
  readonly default: string | undefined
  /** Where a command differs from the default. */
  readonly defaultOf?: Readonly<Record<string, string>>
  readonly description: string
  readonly commands: readonly string[]
}

/** Workers beyond this number gain nothing on one machine and cost memory. */
const WORKERS_MAX = 256
const DATE = /^\d{4}-\d\d-\d\d$/

const SERVING = ['up', 'dev']
const READING = ['up', 'dev', 'lint', 'routes']
/** They ask a running Postern over its control port. */
const ASKING = [
  ...['deploy', 'diff', 'export', 'rollback', 'apis', 'stages', 'domains', 'deployments', 'tail'],
  ...['keys', 'audit', 'outbox', 'usage', 'explain', 'certificates', 'users'],
  'links',
]
/** `auto`: the region that the running Postern, or the environment of the AWS tools, names. */
const REGION_AUTO = Object.fromEntries([...ASKING, 'env'].map((command) => [command, 'auto']))
/** They look into the data folder themselves. */
const LOOKING = ['ca', 'doctor']
const EVERY = [...READING, ...ASKING, ...LOOKING, 'link', 'env', 'aws-model', 'help', 'completion']

export const SETTINGS = {
  http: {
    type: portOrOff,
    default: '8080',
    description: 'Port for plain HTTP; 0 takes a free one.',
    commands: [...SERVING, 'doctor'],
  },
  https: {
    type: portOrOff,
    default: '8443',
    description: 'Port for TLS with HTTP/2 and HTTP/1.1; 0 takes a free one.',
    commands: [...SERVING, 'doctor'],
  },
  host: {
    type: optional(text('ADDRESS', /^[\w.:%-]+$/, 'an address of this machine')),
    default: undefined,
    description: 'Address that the two data ports listen on (not set: every address).',
    commands: [...SERVING, 'doctor'],
  },
  control: {
    type: portOrOff,
    default: '9080',
    description: 'Port for the management API, /healthz, /readyz and /metrics.',
    commands: [...SERVING, 'doctor'],
  },
  controlHost: {
    type: text('ADDRESS', /^[\w.:%-]+$/, 'an address of this machine'),
    default: '127.0.0.1',
    description: 'Address that the control port listens on. It has no TLS: keep it private.',
    commands: [...SERVING, 'doctor'],
  },
  insecureControl: {
    type: onOff,
    default: 'false',
    description:
      'Take management calls without a signature, from programs on this machine; only with a loopback --control-host.',
    commands: SERVING,
  },
  controlThrottles: {
    type: choice(['off', 'aws']),
    default: 'off',
    description: "aws holds management calls to AWS's own request quotas, to meet them in a test.",
    commands: SERVING,
  },
  identity: {
    type: portOrOff,
    default: '9090',
    description:
      'Port for the clients of user pools: sign-in, keys, OpenID Connect. It opens with the first pool; 0 takes a free one.',
    commands: SERVING,
  },
  identityHost: {
    type: text('ADDRESS', /^[\w.:%-]+$/, 'an address of this machine'),
    default: '127.0.0.1',
    description: 'Address that the identity port listens on. It has no TLS: put a proxy in front.',
    commands: SERVING,
  },
  identityUrl: {
    type: optional(url),
    default: undefined,
    description:
      'Base of the issuers of user pools, as clients reach it (not set: http://localhost and the port).',
    commands: SERVING,
  },
  link: {
    type: portOrOff,
    default: '8444',
    description:
      'Port that agents of VPC links dial in to. It opens with the first link that has an allow-list; 0 takes a free one.',
    commands: SERVING,
  },
  linkHost: {
    type: optional(text('ADDRESS', /^[\w.:%-]+$/, 'an address of this machine')),
    default: undefined,
    description:
      'Address that the link port listens on (not set: every address). It takes known agents only.',
    commands: SERVING,
  },
  workers: {
    type: countOrAuto(1, WORKERS_MAX),
    default: 'auto',
    description: 'Worker threads that serve requests (auto: one for each core, at most 8).',
    commands: SERVING,
  },
  data: {
    type: path('DIR'),
    default: '.postern',
    description: 'The folder for everything that Postern keeps: APIs, keys, certificates, caches.',
    commands: [...SERVING, ...ASKING, ...LOOKING, 'env'],
  },
  installationKeyFile: {
    type: optional(path('FILE')),
    default: undefined,
    description:
      'File with the key that seals secrets at rest: 64 hexadecimal digits (not set: the variable POSTERN_INSTALLATION_KEY, else installation.key in the data folder).',
    commands: [...SERVING, ...ASKING, 'doctor', 'env'],
  },
  target: {
    type: optional(url),
    default: undefined,
    description: 'Where operations go that name no integration of their own.',
    commands: [...READING, 'deploy', 'diff'],
  },
  stageVariable: {
    type: pairs,
    default: undefined,
    description: 'A stage variable; may be repeated.',
    commands: [...READING, 'deploy', 'diff'],
  },
  region: {
    type: text('REGION', /^[a-z0-9-]{1,32}$/, 'a region such as us-east-1'),
    default: 'us-east-1',
    defaultOf: REGION_AUTO,
    description:
      'The AWS region that the APIs believe they are in (auto: that of the Postern that is asked).',
    commands: [...READING, ...ASKING, 'env'],
  },
  accountId: {
    type: text('DIGITS', /^\d{12}$/, 'an account id of 12 digits'),
    default: '000000000000',
    description: 'The AWS account that the APIs belong to.',
    commands: READING,
  },
  limits: {
    type: choice(['extended', 'aws']),
    default: 'extended',
    description: "aws holds API Gateway's own quotas; extended allows longer timeouts and streams.",
    commands: READING,
  },
  limit: {
    type: limitOverrides(),
    default: undefined,
    description: 'Replaces one number of docs/reference/limits.md; may be repeated.',
    commands: READING,
  },
  originLimit: {
    type: originCaps,
    default: undefined,
    description:
      'Calls under way to one origin at the most, over all workers; may be repeated. As many wait, others are 503.',
    commands: SERVING,
  },
  instance: {
    type: instances,
    default: undefined,
    description:
      'Where an instance is that target groups of the type instance name; may be repeated.',
    commands: SERVING,
  },
  discoveryDns: {
    type: optional(
      text(
        'ADDRESS[:PORT]',
        /^(?:[\d.]+(?::\d{1,5})?|\[[0-9a-fA-F:]+\](?::\d{1,5})?)$/,
        'the address of a name server',
      ),
    ),
    default: undefined,
    description:
      'The name server that targets of load balancers are asked of (not set: those of the machine).',
    commands: SERVING,
  },
  kubernetesApi: {
    type: optional(url),
    default: undefined,
    description: 'The API server whose EndpointSlices are watched (not set: that of the pod).',
    commands: SERVING,
  },
  kubernetesCredentials: {
    type: optional(path('DIR')),
    default: undefined,
    description:
      'A folder with token and ca.crt for the API server (not set: that of the service account in a pod).',
    commands: SERVING,
  },
  debugKey: {
    type: debugKeys,
    default: undefined,
    description:
      'SHA-256 of a debug key: who sends the key in x-postern-debug is told why in x-postern-why; may be repeated.',
    commands: SERVING,
  },
  trustedProxies: {
    type: networks,
    default: undefined,
    description: 'Networks whose Forwarded and X-Forwarded-For headers are believed.',
    commands: SERVING,
  },
  accessLog: {
    type: wordsOrText(['json', 'clf', 'dev', 'none'], 'FORMAT'),
    default: 'none',
    defaultOf: { dev: 'dev' },
    description: 'One line for each request: a named format, or any text with $context variables.',
    commands: SERVING,
  },
  accessLogFile: {
    type: optional(path('FILE')),
    default: undefined,
    description: 'Where access-log lines go (not set: standard output). SIGUSR1 opens it anew.',
    commands: SERVING,
  },
  accessLogUrl: {
    type: optional(urlOrOtlp),
    default: undefined,
    description:
      'Where access-log lines are POSTed in batches, a JSON line each; otlp: to the OTLP collector.',
    commands: SERVING,
  },
  accessLogHeader: {
    type: pairs,
    default: undefined,
    description: 'A header for every URL that lines are sent to, such as a token; may be repeated.',
    commands: SERVING,
  },
  accessLogDestination: {
    type: pairs,
    default: undefined,
    description:
      "What stands in for a stage's log group, ARN=TARGET: log, stdout, file:PATH, otlp or a URL; may be repeated.",
    commands: SERVING,
  },
  trace: {
    type: traceMode,
    default: 'off',
    description:
      'Which calls are traced: those that the caller traces (passive), one a second and 5 % (aws), a share, or rules.',
    commands: SERVING,
  },
  traceRules: {
    type: optional(path('FILE')),
    default: undefined,
    description: "Sampling rules, in the form of X-Ray's local rules; with --trace rules.",
    commands: SERVING,
  },
  traceTrust: {
    type: choice(['all', 'proxies', 'none']),
    default: 'all',
    description:
      'Whose trace headers are believed: of every caller, of those behind --trusted-proxies, of nobody.',
    commands: SERVING,
  },
  traceHeaders: {
    type: words(['w3c', 'xray', 'b3', 'b3multi']),
    default: 'w3c,xray',
    description: 'The trace headers that an origin gets, where calls are traced.',
    commands: SERVING,
  },
  otlpEndpoint: {
    type: optional(url),
    default: undefined,
    description:
      'Base URL of an OTLP/HTTP collector, http://localhost:4318 (not set: as OTEL_EXPORTER_OTLP_… say).',
    commands: SERVING,
  },
  otlpHeader: {
    type: pairs,
    default: undefined,
    description: 'A header for the collector, such as an API key; may be repeated.',
    commands: SERVING,
  },
  xrayDaemon: {
    type: optional(
      text('HOST:PORT', /^\[?[\w.:-]+\]?:\d{1,5}$/, 'an address such as 127.0.0.1:2000'),
    ),
    default: undefined,
    description: 'An X-Ray daemon that gets segments over UDP (not set: AWS_XRAY_DAEMON_ADDRESS).',
    commands: SERVING,
  },
  metricsEmf: {
    type: optional(text('stdout|FILE')),
    default: undefined,
    description:
      "Where API Gateway's metrics are written as CloudWatch EMF lines (not set: nowhere).",
    commands: SERVING,
  },
  metricsInterval: {
    type: durationOrOff,
    default: '60s',
    description: 'How often metrics go to the OTLP collector and to --metrics-emf; off: never.',
    commands: SERVING,
  },
  originCa: {
    type: optional(path('FILE')),
    default: undefined,
    description:
      'PEM file of the authorities that origins are verified by, instead of the public ones.',
    commands: SERVING,
  },
  truststoreFolder: {
    type: optional(path('DIR')),
    default: undefined,
    description:
      'Truststores of mutual TLS that domain names give as file:// are read from this folder only.',
    commands: SERVING,
  },
  truststoreReload: {
    type: durationOrOff,
    default: '60s',
    description:
      'How often truststores and their revocation lists are looked at, and read again where they have changed; off: only when a call names them.',
    commands: SERVING,
  },
  s3Endpoint: {
    type: optional(url),
    default: undefined,
    description:
      'Base URL of an S3-compatible store that s3:// truststores are read from, with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    commands: SERVING,
  },
  acmeDirectory: {
    type: optional(httpsUrl),
    default: undefined,
    description:
      "URL of the directory of the ACME server that issues requested certificates (Let's Encrypt: acme-v02.api.letsencrypt.org/directory).",
    commands: SERVING,
  },
  acmeContact: {
    type: emails,
    default: undefined,
    description: 'Mail addresses that the ACME server may write to; repeatable.',
    commands: SERVING,
  },
  acmeTermsAgreed: {
    type: onOff,
    default: 'false',
    description: 'You have read the terms of the ACME server and agree.',
    commands: SERVING,
  },
  acmeCaFile: {
    type: optional(path('FILE')),
    default: undefined,
    description:
      'Authorities in PEM that alone are trusted for the ACME server (not set: public ones).',
    commands: SERVING,
  },
  acmeChallenges: {
    type: words(['http-01', 'tls-alpn-01']),
    default: 'http-01,tls-alpn-01',
    description:
      'How it is proved that a name leads here: by the plain port (80 outside), or by the TLS port (443 outside).',
    commands: SERVING,
  },
  acmeExternalKeyId: {
    type: optional(text('ID', /^[!-~]{1,200}$/, 'the key id that the authority has given')),
    default: undefined,
    description:
      'Key id of an external account, where the authority binds to one (RFC 8555 §7.3.4).',
    commands: SERVING,
  },
  ocsp: {
    type: choice(['public', 'any', 'off']),
    default: 'public',
    description:
      'Which OCSP responders that certificates name are asked: at public addresses, at any, or none.',
    commands: SERVING,
  },
  acmeExternalKeyFile: {
    type: optional(path('FILE')),
    default: undefined,
    description: 'File with the MAC key of that account, in base64url.',
    commands: SERVING,
  },
  watch: {
    type: onOff,
    default: 'false',
    defaultOf: { dev: 'true' },
    description: 'Deploy a definition again whenever its file changes.',
    commands: SERVING,
  },
  drainDelay: {
    type: duration,
    default: '0s',
    description:
      'How long everything is served on after SIGTERM while /readyz already says 503, so that a balancer in front can look elsewhere.',
    commands: SERVING,
  },
  drainTimeout: {
    type: optional(duration),
    default: undefined,
    description: 'How long requests in flight may take to end after SIGTERM (not set: 30s).',
    commands: [...SERVING, 'link'],
  },
  messageSender: {
    type: messageSender,
    default: 'outbox',
    description:
      'Who gets messages to users of pools: a program at this address, by POST; outbox keeps them for postern outbox only.',
    commands: SERVING,
  },
  allow: {
    type: texts('HOST:PORT[/PATH]'),
    default: undefined,
    description:
      'What streams through a VPC link may reach; may be repeated. With @API/STAGE behind it, those of one stage only.',
    commands: ['links', 'link'],
  },
  gateway: {
    type: gatewayUrls,
    default: undefined,
    description:
      'The link port of a gateway, https://HOST:8444; may be repeated with other addresses of the same installation.',
    commands: ['link'],
  },
  token: {
    type: optional(
      text('TOKEN', /^plt1(?:\.[\w-]+){3}$/, 'a token that postern links has printed'),
    ),
    default: undefined,
    description:
      'Enrols the agent, once; afterwards --state is enough. POSTERN_TOKEN keeps it out of lists of processes.',
    commands: ['link'],
  },
  state: {
    type: path('FILE'),
    default: 'postern-link.json',
    description: 'Where an agent keeps its key and its certificate.',
    commands: ['link'],
  },
  label: {
    type: optional(text('NAME', /^[\w.-]{1,64}$/, 'at most 64 letters, digits, dots and dashes')),
    default: undefined,
    description: 'What the agent is called in lists (not set: the name of this machine).',
    commands: ['link'],
  },
  ca: {
    type: optional(path('FILE')),
    default: undefined,
    description:
      'Authorities, in PEM, that certificates of targets are verified with (not set: those of Node).',
    commands: ['link'],
  },
  cert: {
    type: optional(path('FILE')),
    default: undefined,
    description: 'The certificate, in PEM, that the agent shows to targets; with --key.',
    commands: ['link'],
  },
  key: {
    type: optional(path('FILE')),
    default: undefined,
    description: 'The key of --cert, in PEM. It stays with the agent.',
    commands: ['link'],
  },
  disallow: {
    type: texts('HOST:PORT[/PATH]'),
    default: undefined,
    description: 'What a VPC link allows and is to allow no more; may be repeated.',
    commands: ['links'],
  },
  expires: {
    type: optional(duration),
    default: undefined,
    description: 'How long a new token is good, a week at most (not set: an hour).',
    commands: ['links'],
  },
  match: {
    type: optional(text('"METHOD /path"', /^[A-Z]+ \/\S*$/, 'a method and a path: "GET /pets/7"')),
    default: undefined,
    description: 'Ask which route takes this request, and with which path parameters.',
    commands: ['routes'],
  },
  endpoint: {
    type: optional(url),
    default: undefined,
    description:
      'Control port of the Postern to ask (not set: AWS_ENDPOINT_URL, else the one of --data).',
    commands: ASKING,
  },
  api: {
    type: optional(text('NAME|ID')),
    default: undefined,
    description: 'The API that is meant, by its id or its name.',
    commands: ['deploy', 'diff', 'tail', 'explain', 'usage'],
  },
  stage: {
    type: optional(
      text('STAGE', /^(?:\$default|[\w-]{1,128})$/, '$default, or letters, digits, _ and -'),
    ),
    default: undefined,
    description: 'The stage that is meant.',
    commands: ['deploy', 'diff', 'export', 'rollback'],
  },
  yes: {
    type: onOff,
    default: 'false',
    description: 'Do it without asking.',
    commands: ['deploy'],
  },
  dryRun: {
    type: onOff,
    default: 'false',
    description: 'Show what would change, and change nothing.',
    commands: ['deploy'],
  },
  format: {
    type: choice(['yaml', 'json']),
    default: 'yaml',
    description: 'How the definition is written.',
    commands: ['export'],
  },
  extensions: {
    type: onOff,
    default: 'true',
    description: 'Write the x-amazon-apigateway extensions too; --no-extensions leaves them out.',
    commands: ['export'],
  },
  to: {
    type: optional(
      text(
        'DEPLOYMENT|DATE',
        /^(?:[a-z0-9]{1,32}|\d{4}-\d\d-\d\d)$/,
        'the id of a deployment, or a day written as 2026-11-28',
      ),
    ),
    default: undefined,
    description:
      'rollback: the deployment to go back to (not set: the one before). usage: the last day (not set: today).',
    commands: ['rollback', 'usage'],
  },
  route: {
    type: optional(text('"METHOD /path"')),
    default: undefined,
    description: 'Only requests that this route took, named by its key.',
    commands: ['tail', 'explain'],
  },
  status: {
    type: optional(
      text('5xx|404|…', /^[1-5](?:xx|\d\d)(?:,[1-5](?:xx|\d\d))*$/, 'statuses: 404 or 4xx,5xx'),
    ),
    default: undefined,
    description: 'Only requests with these statuses: 404, 5xx, or several with commas.',
    commands: ['tail'],
  },
  why: {
    type: onOff,
    default: 'false',
    description:
      'Say below each refused call which rule decided, what was seen, and what would pass.',
    commands: ['tail'],
  },
  readOnly: {
    type: onOff,
    default: 'false',
    description: 'A key that may look and not change.',
    commands: ['keys'],
  },
  account: {
    type: optional(text('DIGITS', /^\d{12}$/, 'an account id of 12 digits')),
    default: undefined,
    description: 'The account that the new key works in (not set: that of the key that asks).',
    commands: ['keys'],
  },
  description: {
    type: optional(text('TEXT')),
    default: undefined,
    description: 'What the new key is for.',
    commands: ['keys'],
  },
  pool: {
    type: optional(text('POOL', /^[\w-]+_[0-9a-zA-Z]+$/, 'the id of a user pool')),
    default: undefined,
    description: 'The user pool that is meant.',
    commands: ['outbox', 'users'],
  },
  user: {
    type: optional(text('USER')),
    default: undefined,
    description: 'Only messages to this user.',
    commands: ['outbox'],
  },
  client: {
    type: optional(text('CLIENT')),
    default: undefined,
    description: 'Only this client.',
    commands: ['usage'],
  },
  from: {
    type: optional(text('DATE', DATE, 'a day, written as 2026-11-28')),
    default: undefined,
    description: 'The first day; today otherwise.',
    commands: ['usage'],
  },
  before: {
    type: optional(count(1, Number.MAX_SAFE_INTEGER)),
    default: undefined,
    description:
      'Only entries older than this number: the page before the one that begins with it.',
    commands: ['audit'],
  },
  last: {
    type: text(
      'COUNT|STATUS',
      /^(?:any|\d{1,4}|[1-5](?:xx|\d\d)(?:,[1-5](?:xx|\d\d))*)$/,
      'a number, or statuses such as 404 or 5xx',
    ),
    default: '50',
    defaultOf: { explain: 'any' },
    description:
      'audit and outbox: how many entries. explain: the last call with one of these statuses (any: 4xx,5xx).',
    commands: ['audit', 'outbox', 'explain'],
  },
  shell: {
    type: choice(['sh', 'fish', 'powershell']),
    default: 'sh',
    description: 'The shell that is to read the lines; sh is bash and zsh as well.',
    commands: ['env'],
  },
  config: {
    type: path('FILE'),
    default: 'postern.yaml',
    description: 'The file to read settings from; the default may be missing.',
    commands: [...READING, ...ASKING, 'link', 'env'],
  },
  json: {
    type: onOff,
    default: 'false',
    description: 'Print for programs: one JSON document, or one JSON object a line.',
    commands: EVERY,
  },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof SETTINGS

/** The value of every setting, after flags, variables, postern.yaml and defaults. */
export type Settings = {
  readonly [Name in SettingName]: ReturnType<(typeof SETTINGS)[Name]['type']['read']>
}

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[]

/** The settings that a command reads, in the order of the table. */
export function settingsOf(command: string): SettingName[] {
  return SETTING_NAMES.filter((name) => (SETTINGS[name] as Setting).commands.includes(command))
}

/** The default of a setting under a command, as one would write it. */
export function defaultOf(name: SettingName, command: string): string | undefined {
  const setting: Setting = SETTINGS[name]
  return setting.defaultOf?.[command] ?? setting.default
}

function limitOverrides(): ValueType<Readonly<Partial<Record<LimitName, number>>>> {
  return {
    ...pairs,
    words: Object.keys(LIMITS).map((name) => `${name}=`),
    read: (texts) => {
      const overrides: Partial<Record<LimitName, number>> = {}
      for (const [name, value] of Object.entries(pairs.read(texts))) {
        if (!Object.hasOwn(LIMITS, name)) throw new ValueError(unknownLimit(name))
        if (!/^\d{1,15}$/.test(value)) {
          throw new ValueError(`${name} must be a whole number (${LIMITS[name as LimitName].unit})`)
        }
        overrides[name as LimitName] = Number(value)
      }
      return overrides
    },
  }
}

function unknownLimit(name: string): string {
  const near = nearestName(name, Object.keys(LIMITS))
  const hint =
    near === undefined ? `there are ${Object.keys(LIMITS).join(', ')}` : `did you mean ${near}?`
  return `names no limit: ${name} (${hint})`
}
