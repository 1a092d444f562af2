import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { manyRoutes, revisionDefinition } from './definition.ts'

describe('definitions of the bench', () => {
  for (const count of [10, 10_000]) {
    it(`${count} routes, each asked for equally often, all paths equally long`, () => {
      const { definition, paths } = manyRoutes(count)
      const routes = Object.keys(JSON.parse(definition).paths)
      assert.equal(routes.length, count)
      const asked = new Map(routes.map((route) => [route.split('/')[1], 0]))
      for (const path of paths) {
        assert.match(path, /^\/area-\d{5}\/items\/(total|n\d{4})$/)
        const area = path.split('/')[1]
        asked.set(area, asked.get(area)! + 1)
      }
      assert.deepEqual(new Set(asked.values()), new Set([10_000 / count]))
    })
  }

  it('a revision marks request and response alike, on a route of its own', () => {
    const { paths } = JSON.parse(revisionDefinition(7, 3000))
    assert.deepEqual(Object.keys(paths), ['/steady', '/revision/7'])
    for (const { get } of Object.values<{ get: Record<string, Record<string, object>> }>(paths)) {
      const integration = get['x-amazon-apigateway-integration']
      assert.deepEqual(integration?.['requestParameters'], { 'overwrite:header.x-revision': '7' })
      assert.deepEqual(integration?.['responseParameters'], {
        200: { 'overwrite:header.x-revision': '7' },
      })
    }
  })
})
