#!/usr/bin/env node
'use strict'
/*
 * The command that npm installs. Runs on any Node: where this one is older than Postern needs, it hands over to the
 * `node` package that was installed along with it.
 */

const NODE_NEEDED = 24

const path = require('node:path')
const fs = require('node:fs')
const { pathToFileURL } = require('node:url')

/** src/ in a checkout, where dist/ may be older; dist/ in a published package, which has no src/. */
function entryFile() {
  const source = path.join(__dirname, '..', 'src', 'main.ts')
  return fs.existsSync(source) ? source : path.join(__dirname, '..', 'dist', 'main.js')
}

/** A newer Node among our own dependencies, or undefined. */
function bundledNode() {
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  for (const folder of require.resolve.paths('node') || []) {
    const candidate = path.join(folder, 'node', 'bin', file)
    if (fs.existsSync(candidate)) return candidate
  }
  return undefined
}

/** The same command line under another Node: its input and output are ours, and so are its signals and its end. */
function handOver(node) {
  const { spawn } = require('node:child_process')
  const child = spawn(node, [__filename, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, POSTERN_HANDED_OVER: '1' },
  })
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1']
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => giveUp(error.message))
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    for (const each of signals) process.removeAllListeners(each)
    process.kill(process.pid, signal)
  })
}

function giveUp(reason) {
  process.stderr.write(
    `postern: Node ${NODE_NEEDED} or newer is needed, and this is ${process.version}${reason}\n` +
      `  → Install it, or let npm bring it along: npm install node@${NODE_NEEDED}\n`,
  )
  process.exitCode = 1
}

const major = Number(process.versions.node.split('.')[0])
if (major >= NODE_NEEDED) {
  import(pathToFileURL(entryFile()).href)
} else {
  const node = process.env.POSTERN_HANDED_OVER === undefined ? bundledNode() : undefined
  if (node === undefined) giveUp('')
  else handOver(node)
}
