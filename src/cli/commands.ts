/**
 * Every command, in one table: help, completion and dispatch come from it. A command's code is loaded when it runs.
 */

import type { Command } from './command.ts'

export const COMMANDS: readonly Command[] = [
  {
    name: 'up',
    summary: 'Serve the APIs of one or more definitions, and those of the data folder.',
    operands: '[DEFINITION…]',
    description: [
      'Reads OpenAPI 3.0 or 3.1 definitions, JSON or YAML, and serves each as an HTTP API. Operations go ' +
        'where their x-amazon-apigateway-integration says, or to --target.',
      'Serves what was made by the management API, too (postern deploy, aws apigatewayv2); without a ' +
        'definition, only that.',
      'SIGHUP reads the definitions again; one that cannot be served leaves the old one in service. ' +
        'SIGTERM and Ctrl-C answer what is in flight and stop. SIGUSR1 opens the access-log file anew.',
    ],
    examples: [
      ['postern up api.yaml', 'serve one API at http://localhost:8080/'],
      ['postern up api.yaml --target http://localhost:3000', 'put it in front of a service'],
      ['postern up orders.yaml pets.yaml --access-log json', 'two APIs, each at its own name'],
      ['postern up api.yaml --https off --workers 2 --limits aws', 'plain HTTP, quotas as on AWS'],
    ],
    load: async () => (await import('./up.ts')).up,
  },
  {
    name: 'dev',
    summary: 'The same while you work on a definition: reload on save, one line a request.',
    operands: 'DEFINITION…',
    description: [
      'Serves as up does, deploys a definition again when its file is saved, and prints each request ' +
        'with its status, its route and where the time went: in the gateway or in the integration. ' +
        'With --json, or --access-log json, clf or a format of your own, those lines are printed instead.',
    ],
    examples: [
      ['postern dev api.yaml --target http://localhost:3000', 'watch api.yaml and its requests'],
    ],
    load: async () => (await import('./dev.ts')).dev,
  },
  {
    name: 'lint',
    summary: 'Say what is wrong with definitions, without serving them.',
    operands: 'DEFINITION…',
    description: [
      'Prints every error and warning with file, line, place and what to do about it. Exit code 1 when ' +
        'there is an error: what lint accepts, up serves.',
    ],
    examples: [
      ['postern lint api.yaml', 'check one file'],
      [
        'postern lint apis/*.yaml --limits aws --json',
        'check many against AWS quotas, for a program',
      ],
    ],
    load: async () => (await import('./lint.ts')).lint,
  },
  {
    name: 'routes',
    summary: 'List the routes in the order of their priority, or ask which one takes a request.',
    operands: 'DEFINITION…',
    description: [
      'Shows what the gateway runs, most specific route first. With --match it answers which route takes ' +
        'one request, with the path parameters it gets; exit code 1 when none does.',
    ],
    examples: [
      ['postern routes api.yaml', 'all routes and where they lead'],
      ['postern routes api.yaml --match "GET /pets/7"', 'which route takes this request'],
    ],
    load: async () => (await import('./routes.ts')).routes,
  },
  {
    name: 'deploy',
    summary: 'Bring a stage of a running Postern in step with a definition; the plan first.',
    operands: 'DEFINITION',
    operandsMax: 1,
    description: [
      'Shows which routes and settings would be added, changed and removed, asks, and does it: the API is ' +
        'made if it does not exist, a deployment is made, and the stage serves it when the command returns.',
      'The API is the one named with --api, else the one with the x-postern-api-id or the title of the ' +
        'definition; the stage is --stage, else the one that the definition names, else $default.',
    ],
    examples: [
      ['postern deploy api.yaml', 'show the plan, ask, deploy'],
      ['postern deploy api.yaml --yes --stage prod', 'for a script'],
      ['postern deploy api.yaml --dry-run', 'only look'],
    ],
    load: async () => (await import('./deploy.ts')).deploy,
  },
  {
    name: 'diff',
    summary: 'Say how what a stage serves differs from a definition.',
    operands: 'DEFINITION',
    operandsMax: 1,
    description: ['Prints the plan of deploy and changes nothing. Exit code 2 when they differ.'],
    examples: [['postern diff api.yaml --stage prod', 'has anybody changed the API since?']],
    load: async () => (await import('./diff.ts')).diff,
  },
  {
    name: 'export',
    summary: 'Write an API as an OpenAPI definition.',
    operands: '[API]',
    operandsMax: 1,
    operandWords: [],
    description: [
      'To standard output: the API as it is being edited, or with --stage as that stage serves it. The API ' +
        'is an id or a name, and may be left out when there is only one.',
    ],
    examples: [
      ['postern export > api.yaml', 'the only API'],
      ['postern export pets --stage prod --format json', 'what prod serves'],
    ],
    load: async () => (await import('./export.ts')).exportApi,
  },
  {
    name: 'rollback',
    summary: 'Have a stage serve an earlier deployment again.',
    operands: '[API]',
    operandsMax: 1,
    operandWords: [],
    description: [
      'The deployment before the one that the stage serves, or --to another. The stage is $default unless ' +
        '--stage names one. Where it deploys automatically, that is turned off, and said.',
    ],
    examples: [
      ['postern rollback', 'one step back'],
      ['postern rollback pets --stage prod --to a1b2c3', 'to a certain deployment'],
    ],
    load: async () => (await import('./rollback.ts')).rollback,
  },
  {
    name: 'apis',
    summary: 'List the APIs that a running Postern serves.',
    operands: '',
    operandsMax: 0,
    operandWords: [],
    description: ['One line for each stage that is served, with the address to begin with.'],
    examples: [
      ['postern apis', 'id, name, type, stage, routes and address of each'],
      ['postern apis --json', 'the same for a program, with every route and address'],
    ],
    load: async () => (await import('./apis.ts')).apis,
  },
  {
    name: 'domains',
    summary: 'List custom domain names, and check the DNS records that they need.',
    operands: '[ADDRESS…]',
    operandWords: [],
    description: [
      'Each domain name with where it leads, the record that has to stand in your DNS, and whether it does. ADDRESS is ' +
        'where clients reach the gateway: addresses, or one name for CNAME records; not given: the addresses of this ' +
        'machine. Names below localhost need no record. Exit code 1 when a record is missing or leads elsewhere.',
    ],
    examples: [
      ['postern domains', 'where the names lead, against the addresses of this machine'],
      ['postern domains 203.0.113.7 2001:db8::7', 'behind a router or a load balancer'],
      ['postern domains gateway.example.net --json', 'CNAME records, for a program'],
    ],
    load: async () => (await import('./domains.ts')).domains,
  },
  {
    name: 'stages',
    summary: 'List the stages of an API and what each serves.',
    operands: '[API]',
    operandsMax: 1,
    operandWords: [],
    description: ['The API is an id or a name, and may be left out when there is only one.'],
    examples: [['postern stages pets', 'stage, deployment, automatic deployment']],
    load: async () => (await import('./stages.ts')).stages,
  },
  {
    name: 'deployments',
    summary: 'List the deployments of an API, newest first.',
    operands: '[API]',
    operandsMax: 1,
    operandWords: [],
    description: ['The API is an id or a name, and may be left out when there is only one.'],
    examples: [['postern deployments pets', 'when each was made, and which stages serve it']],
    load: async () => (await import('./deployments.ts')).deployments,
  },
  {
    name: 'tail',
    summary: 'Watch live requests.',
    operands: '',
    operandsMax: 0,
    operandWords: [],
    description: [
      'One line for each request as it ends, with its status, its route, where the time went, and why the ' +
        'gateway itself answered. Ctrl-C ends it.',
    ],
    examples: [
      ['postern tail', 'everything'],
      ['postern tail --api pets --status 4xx,5xx', 'what goes wrong with one API'],
      ['postern tail --why --status 4xx', 'what is refused, and what would have passed'],
      ['postern tail --route "GET /pets/{id}" --json', 'one route, for a program'],
    ],
    load: async () => (await import('./tail.ts')).tail,
  },
  {
    name: 'explain',
    summary: 'Say which step decided a call, and why.',
    operands: '[REQUEST-ID]',
    operandsMax: 1,
    operandWords: [],
    description: [
      'Every answer carries its id in the header apigw-requestid. Shows the steps of the call in order, the rule that ' +
        'decided, the value that was seen and what would have passed. Without an id: the last call that did not end well, ' +
        'or the last with the statuses of --last. Exit code 1 when the call is not remembered (any more).',
    ],
    examples: [
      ['postern explain JKJaXmPLvHcESHA=', 'the call with this id'],
      ['postern explain --last 403', 'the last one that was forbidden'],
      ['postern explain --last 5xx --api pets --json', 'of one API, for a program'],
    ],
    load: async () => (await import('./explain.ts')).explain,
  },
  {
    name: 'env',
    summary: 'Print what AWS tools need to talk to the Postern of this machine.',
    operands: '',
    operandsMax: 0,
    operandWords: [],
    description: [
      'Address, region and an access key from the data folder, as lines for your shell. The key may do ' +
        'everything: do not send these lines anywhere.',
    ],
    examples: [
      ['eval "$(postern env)"', 'in sh, bash and zsh; then aws apigatewayv2 get-apis works'],
      ['postern env --shell fish | source', 'in fish'],
      ['postern env --shell powershell | Out-String | Invoke-Expression', 'in PowerShell'],
    ],
    load: async () => (await import('./env.ts')).env,
  },
  {
    name: 'aws-model',
    summary: 'Teach an older AWS command line the operations that it does not know.',
    operands: '[show|print|install|remove]',
    operandsMax: 1,
    operandWords: ['show', 'print', 'install', 'remove'],
    description: [
      'aws and boto3 read models of services from ~/.aws/models before their own. install puts that of apigatewayv2 there, ' +
        'whole: routing rules need it where aws is older than June 2025. remove takes it away again, after an update of aws.',
    ],
    examples: [
      ['postern aws-model install', 'then aws apigatewayv2 create-routing-rule works'],
      ['postern aws-model', 'is it there, and of this version?'],
      ['postern aws-model print > service-2.json', 'for another folder, named by AWS_DATA_PATH'],
    ],
    load: async () => (await import('./aws-model.ts')).awsModel,
  },
  {
    name: 'keys',
    summary: 'List, create and delete access keys of the management API.',
    operands: '[list|create|delete ID]',
    operandsMax: 2,
    operandWords: ['list', 'create', 'delete'],
    description: [
      'A key that may write may do everything, for every account. A secret is shown once, when its key is ' +
        'made. The last key that may write cannot be deleted.',
    ],
    examples: [
      ['postern keys', 'who may call'],
      [
        'postern keys create --read-only --description dashboard',
        'a key that cannot change anything',
      ],
      ['postern keys delete AKPOABCDEFGHIJKLMNOP', 'it stops working at once'],
    ],
    load: async () => (await import('./keys.ts')).keys,
  },
  {
    name: 'audit',
    summary: 'Show who changed what, from the audit log.',
    operands: '',
    operandsMax: 0,
    operandWords: [],
    description: [
      'The newest entries, the newest last; with --json one object a line, with each record before and ' +
        'after. Exit code 1 when the log has been tampered with.',
    ],
    examples: [
      ['postern audit', 'the last 50 changes'],
      ['postern audit --last 1000 --json', 'for a program'],
    ],
    load: async () => (await import('./audit.ts')).audit,
  },
  {
    name: 'outbox',
    summary: 'Show what was written to users of pools: codes, invitations.',
    operands: '',
    operandsMax: 0,
    operandWords: [],
    description: [
      'The newest first, with the code that each message tells, and whether the message sender has taken it. ' +
        'Messages are kept for a day.',
    ],
    examples: [
      ['postern outbox', 'the last 50 messages'],
      ['postern outbox --pool us-east-1_AbCdEf123 --user ana --json', 'for a program'],
    ],
    load: async () => (await import('./outbox.ts')).outbox,
  },
  {
    name: 'usage',
    summary: 'Show what clients with limits have called, and top up their quotas.',
    operands: '[top-up LIMIT CLIENT CALLS]',
    operandsMax: 4,
    operandWords: ['top-up'],
    description: [
      'By day, limit and client: calls that were let in, throttled, and over the quota. Limits are usage plans ' +
        '(plan/abc123) and those of x-postern-limits (API/stage, with the route where an operation has them).',
      'top-up gives a client so many calls more in the current period of its quota; a negative number takes them away.',
    ],
    examples: [
      ['postern usage', 'today'],
      ['postern usage --api shop --from 2026-11-01 --to 2026-11-30 --json', 'a month, for a bill'],
      [
        'postern usage top-up plan/abc123 k3y0000001 5000',
        'calls for a customer who has used them up',
      ],
    ],
    load: async () => (await import('./usage.ts')).usage,
  },
  {
    name: 'users',
    summary: 'Export the users of a pool as CSV, or import them.',
    operands: 'export|import [FILE]',
    operandsMax: 2,
    description: [
      "Cognito's own CSV: a column for each attribute, without passwords. Whoever is imported chooses a new password " +
        'with a code that is sent to him. Rows that cannot be imported are told by their line; the others are.',
    ],
    examples: [
      ['postern users export --pool us-east-1_AbCdEf123 > users.csv', 'everybody of a pool'],
      ['postern users import users.csv --pool us-east-1_AbCdEf123', 'into another one'],
    ],
    load: async () => (await import('./users.ts')).users,
  },
  {
    name: 'certificates',
    summary: 'List certificates, with the days until each expires.',
    operands: '',
    operandsMax: 0,
    operandWords: [],
    description: [
      'Imported ones, those of the authorities of this installation, and those that were asked for by ACME. They are ' +
        'imported, requested and deleted by the API of AWS Certificate Manager (aws acm).',
    ],
    examples: [
      ['postern certificates', 'which there are, and what is served with them'],
      ['postern certificates --json', 'for a program'],
    ],
    load: async () => (await import('./certificates.ts')).certificates,
  },
  {
    name: 'ca',
    summary: "Show the installation's own certificate authorities, and how to trust them.",
    operands: '[trust [local|private]]',
    operandsMax: 2,
    operandWords: ['trust', 'local', 'private'],
    description: [
      'The local authority signs for localhost and names under it, and for nothing else. The private one signs for any ' +
        'name, and is made with the first certificate that is asked of it.',
      'trust prints the file, its fingerprint, and what to do on each system, in each browser and for single programs.',
    ],
    examples: [
      ['postern ca', 'which there are'],
      ['postern ca trust', 'make browsers believe https://localhost:8443'],
      ['postern ca trust private', 'for clients of names that the private authority signs'],
    ],
    load: async () => (await import('./ca.ts')).ca,
  },
  {
    name: 'doctor',
    summary: 'Look for what keeps this installation from serving, now or soon.',
    operands: '',
    operandsMax: 0,
    operandWords: [],
    description: [
      'Node and its limits, the data folder, the clock, ports, the installation key, every certificate with its chain ' +
        'and key, and the certificates of domain names. Changes nothing. Exit code 1 when there is a problem.',
    ],
    examples: [
      ['postern doctor', 'before a start, and when something is odd'],
      ['postern doctor --json', 'for a program that watches'],
    ],
    load: async () => (await import('./doctor/doctor.ts')).doctor,
  },
  {
    name: 'links',
    summary: 'List, make and change VPC links that agents in private networks serve.',
    operands: '[ACTION [LINK [AGENT]]]',
    operandsMax: 3,
    operandWords: ['list', 'show', 'create', 'allow', 'token', 'revoke', 'delete'],
    description: [
      'Actions: list, show, create, allow, token, revoke, delete. A link reaches what its list allows and nothing else. create and token print a token that one agent enrols with, ' +
        'once; revoke cuts an agent, or all of a link together with the tokens that are not used. LINK is an id or a name.',
    ],
    examples: [
      ['postern links', 'status, agents, streams and bytes of each'],
      ['postern links create inside --allow orders:8443/private', 'a link and its first token'],
      ['postern links allow inside --allow users:80 --disallow orders:8443', 'change its list'],
      ['postern links token inside --expires 10m', 'a token for one more agent'],
      ['postern links revoke inside a1b2c3d4e5', 'one agent is out within seconds'],
    ],
    load: async () => (await import('./links.ts')).links,
  },
  {
    name: 'link',
    summary: 'Run the agent of a VPC link, inside the private network.',
    operands: '',
    operandsMax: 0,
    operandWords: [],
    description: [
      'Dials out to the link port of a gateway and serves what the link allows; nobody dials in. The token enrols it, ' +
        'once: its key is made here and stays in the state file, from which it comes back without the token.',
      'SIGTERM and Ctrl-C answer what is in flight and stop. --allow narrows what the link allows; --ca, --cert and ' +
        '--key are for targets with TLS, and stay here too.',
    ],
    examples: [
      ['postern link --gateway https://gateway.example.com:8444 --token plt1.…', 'enrol and serve'],
      ['postern link --gateway https://gateway.example.com:8444', 'the same agent again'],
      [
        'postern link --gateway https://a:8444 --gateway https://b:8444 --json',
        'to two nodes, lines for programs',
      ],
    ],
    load: async () => (await import('./link.ts')).link,
  },
  {
    name: 'completion',
    summary: 'Print the completion script for your shell.',
    operands: 'bash|zsh|fish',
    operandsMax: 1,
    description: ['Commands, flags and their values, from the same tables as this help.'],
    examples: [
      ['source <(postern completion bash)', 'in ~/.bashrc'],
      ['source <(postern completion zsh)', 'in ~/.zshrc, after compinit'],
      ['postern completion fish | source', 'in ~/.config/fish/config.fish'],
    ],
    load: async () => (await import('./completion.ts')).completion,
  },
  {
    name: 'help',
    summary: 'Explain a command and its flags.',
    operands: '[COMMAND]',
    operandsMax: 1,
    description: ['The same as COMMAND --help.'],
    examples: [['postern help up', 'everything about up']],
    load: async () => (await import('./help.ts')).help,
  },
]

export function commandOf(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name)
}
