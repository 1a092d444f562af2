import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cpuMicros, parseStat, peakBytes, residentBytes, tree } from './process-tree.ts'

const onLinux = { skip: process.platform !== 'linux' && 'reads /proc' }

describe('process tree', () => {
  for (const [name, command] of [
    ['a plain command', 'nginx'],
    ['a command with spaces and parentheses', 'a (b) c) d'],
  ]) {
    it(`reads the stat line of ${name}`, () => {
      const line = `4711 (${command}) S 4700 4711 4711 0 -1 4194560 1 2 3 4 250 150 30 20 20 0 11 0 99`
      assert.deepEqual(parseStat(line), { pid: 4711, parent: 4700, ticks: 450 })
    })
  }

  it('finds this process below its parent', onLinux, () => {
    const pids = tree(process.ppid).map(({ pid }) => pid)
    assert.equal(pids[0], process.ppid)
    assert.ok(pids.includes(process.pid))
  })

  it('counts the processor time that this process uses', onLinux, () => {
    const before = cpuMicros(process.pid)
    const own = process.cpuUsage()
    while (process.cpuUsage(own).user < 60_000);
    assert.ok(cpuMicros(process.pid) - before >= 40_000)
  })

  it('sees memory, and a peak no lower', onLinux, () => {
    const resident = residentBytes(process.pid)
    assert.ok(resident > 10e6)
    assert.ok(peakBytes(process.pid) >= resident * 0.9)
  })

  it('knows nothing of a process that is not there', onLinux, () => {
    assert.deepEqual(tree(0x7ffffff0), [])
    assert.equal(residentBytes(0x7ffffff0), 0)
  })
})
