import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LinkedAgent } from '../../domain/linked-agent.ts'
import { ReturningAgents } from './returning-agents.ts'

function agentAt(vpcLinkId: string, worker: number): LinkedAgent {
  return {
    ...{ vpcLinkId, worker, agentId: 'a1', label: 'a1', version: '1', remoteAddress: '10.0.0.1' },
    ...{ connectedAtEpochMs: 0, roundTripMs: 1, streamsOpen: 0, streamsTotal: 0 },
    ...{ bytesSent: 0, bytesReceived: 0, draining: false },
  }
}

test('every link needs an agent at every worker, once', () => {
  const returning = new ReturningAgents(new Set(['inside', 'other']), 2, 1_000)
  assert.equal(returning.areBack([], 1_100), false)
  const inside = [agentAt('inside', 0), agentAt('inside', 1)]
  assert.equal(returning.areBack(inside, 1_200), false, 'the other link has none')
  assert.equal(returning.areBack([agentAt('other', 1)], 1_300), false, 'one worker has none')
  assert.equal(returning.areBack([agentAt('other', 0), agentAt('other', 1)], 1_400), true)
  assert.equal(returning.areBack([], 1_500), true, 'what happens later is no part of the start')
})

test('nobody is waited for for ever', () => {
  const returning = new ReturningAgents(new Set(['inside']), 1, 1_000)
  assert.equal(returning.areBack([], 15_999), false)
  assert.equal(returning.areBack([], 16_000), true)
})

test('without agents nothing is waited for', () => {
  assert.equal(new ReturningAgents(new Set(), 2, 0).areBack([], 0), true)
})
