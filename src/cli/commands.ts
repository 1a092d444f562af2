/**
 * Every command, in one table: help, completion and dispatch come from it. A command's code is loaded when it runs.
 */

import type { Command } from './command.ts'

export const COMMANDS: readonly Command[] = [
  {
    name: 'up',
    summary: 'Serve the APIs of one or more definitions.',
    operands: 'DEFINITION…',
    description: [
      'Reads OpenAPI 3.0 or 3.1 definitions, JSON or YAML, and serves each as an HTTP API. Operations go ' +
        'where their x-amazon-apigateway-integration says, or to --target.',
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
    name: 'apis',
    summary: 'List the APIs that a running Postern serves.',
    operands: '',
    operandsMax: 0,
    description: [
      'Asks the control port of a Postern on this machine (--control, --control-host).',
    ],
    examples: [
      ['postern apis', 'id, name, type, stage, routes and address of each'],
      ['postern apis --json', 'the same for a program, with every route and address'],
    ],
    load: async () => (await import('./apis.ts')).apis,
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
