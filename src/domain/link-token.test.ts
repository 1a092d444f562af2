import assert from 'node:assert/strict'
import test from 'node:test'
import { formatAgentName, formatLinkToken, parseAgentName, parseLinkToken } from './link-token.ts'

const TOKEN = {
  vpcLinkId: 'ab12cd',
  secret: 'A'.repeat(43),
  authorityFingerprint: `${'_-'.repeat(21)}9`,
}

test('a token is read as it was written, with the white space of a file around it', () => {
  assert.deepEqual(parseLinkToken(` ${formatLinkToken(TOKEN)}\n`), TOKEN)
})

for (const text of [
  '',
  'plt1',
  formatLinkToken({ ...TOKEN, secret: 'short' }),
  formatLinkToken({ ...TOKEN, vpcLinkId: 'UPPER' }),
  formatLinkToken({ ...TOKEN, authorityFingerprint: '' }),
  `${formatLinkToken(TOKEN)}.more`,
  formatLinkToken(TOKEN).replace('plt1', 'plt2'),
]) {
  test(`${JSON.stringify(text)} is no token`, () => assert.equal(parseLinkToken(text), undefined))
}

test('the name of an agent belongs to one link', () => {
  const name = { vpcLinkId: 'ab12cd', agentId: 'a1' }
  assert.deepEqual(parseAgentName(formatAgentName(name)), name)
  assert.equal(parseAgentName('a1.ab12cd.other.postern.internal'), undefined)
  assert.equal(parseAgentName('x.a1.ab12cd.agent.postern.internal'), undefined)
  assert.equal(parseAgentName(`${formatAgentName(name)}\n`), undefined)
})
