import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { type Machine, packagesFor, planInstall } from './outside-packages.ts'

const MISSING = [
  { name: 'awscli', elsewhere: 'the AWS command line, version 2' },
  { name: 'python3-boto3', elsewhere: 'python3 with boto3' },
]
const DEBIAN: Machine = { aptGet: true, root: false, sudo: false }

test('root installs with apt-get, after asking which versions there are', () => {
  assert.deepEqual(planInstall(MISSING, { ...DEBIAN, root: true }), {
    kind: 'run',
    commands: [
      ['apt-get', 'update', '--quiet'],
      [
        ...['apt-get', 'install', '--yes', '--quiet', '--no-install-recommends'],
        ...['awscli', 'python3-boto3'],
      ],
    ],
  })
})

test('others do the same through a sudo that asks nothing', () => {
  const plan = planInstall([MISSING[0]!], { ...DEBIAN, sudo: true })
  assert.equal(plan.kind, 'run')
  assert.deepEqual(
    plan.kind === 'run' && plan.commands.map((command) => command.slice(0, 4).join(' ')),
    ['sudo -n apt-get update', 'sudo -n apt-get install'],
  )
})

test('without the right to install, the command to type is named', () => {
  assert.deepEqual(planInstall(MISSING, DEBIAN), {
    kind: 'impossible',
    reason: 'you are not root, and sudo asks for a password',
    mend: 'Run: sudo apt-get install awscli python3-boto3',
  })
})

test('where there is no apt-get, the programs themselves are named', () => {
  const plan = planInstall(MISSING, { aptGet: false, root: true, sudo: false })
  assert.deepEqual(plan, {
    kind: 'impossible',
    reason: 'there is no apt-get on this machine',
    mend: 'Install the AWS command line, version 2 and python3 with boto3, and try again.',
  })
})

test('only test files that run the programs ask for them', () => {
  const file = (path: string) => resolve(import.meta.dirname, '..', path)
  const aws = file('test/conformance/s00101-aws-command-line.test.ts')
  const other = file('test/conformance/b00001-proxy-a-request.test.ts')
  assert.deepEqual(packagesFor([other, aws]), ['awscli', 'python3-boto3'])
  assert.deepEqual(packagesFor([other]), [])
  const browser = file('test/conformance/u00055-hosted-sign-in.test.ts')
  assert.deepEqual(packagesFor([browser]), ['chromium'])
  const typed = file('test/adversarial/49-control-plane.test.ts')
  assert.deepEqual(packagesFor([typed]), [], 'it takes a type from there')
})
