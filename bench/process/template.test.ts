import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fillTemplate } from './template.ts'

describe('peer templates', () => {
  it('fill every place, and leave single braces alone', () => {
    const filled = fillTemplate('http://:{{port}} { bind {{host}}:{{port}} }', {
      port: 80,
      host: 'a',
    })
    assert.equal(filled, 'http://:80 { bind a:80 }')
  })

  it('refuse a place without a value', () => {
    assert.throws(() => fillTemplate('listen {{port}}', {}), /no value for \{\{port\}\}/)
  })
})
