import assert from 'node:assert/strict'
import test from 'node:test'
import { type ApiRuntime, Snapshot, type StageRuntime } from './snapshot.ts'

/** `disabled` are names of stages whose default endpoint is off. */
function api(
  apiId: string,
  stageNames: readonly string[],
  disabled: readonly string[] = [],
): ApiRuntime {
  const stages = new Map(
    stageNames.map((stageName) => [
      stageName,
      {
        context: { apiId, stageName },
        disableExecuteApiEndpoint: disabled.includes(stageName),
      } as unknown as StageRuntime,
    ]),
  )
  return {
    apiId,
    stages,
    defaultStage: stages.get('$default'),
  }
}

const ONE = [api('one1one1on', ['$default', 'dev'])]
const TWO = [...ONE, api('two2two2tw', ['prod'])]
const OFF = [api('off3off3of', ['$default', 'dev'], ['$default'])]

const CASES: readonly (readonly [
  apis: readonly ApiRuntime[],
  host: string,
  path: string,
  result: string,
])[] = [
  [ONE, 'localhost', '/a', 'one1one1on $default /a'],
  [ONE, '192.0.2.1', '/', 'one1one1on $default /'],
  [ONE, 'localhost', '/dev/a', 'one1one1on dev /a'],
  [ONE, 'localhost', '/dev', 'one1one1on dev /'],
  [ONE, 'localhost', '/devs', 'one1one1on $default /devs'],
  [ONE, 'localhost', '/Dev/a', 'one1one1on $default /Dev/a'],
  [ONE, 'one1one1on.execute-api.localhost', '/a', 'one1one1on $default /a'],
  [ONE, 'one1one1on.execute-api.us-east-1.amazonaws.com', '/a', 'one1one1on $default /a'],
  [ONE, 'other.execute-api.localhost', '/a', 'API_NOT_FOUND'],
  [ONE, 'x.one1one1on.execute-api.localhost', '/a', 'API_NOT_FOUND'],
  [ONE, 'localhost', '/_aws/execute-api/one1one1on/dev/a/b', 'one1one1on dev /a/b'],
  [ONE, 'localhost', '/_aws/execute-api/one1one1on/dev', 'one1one1on dev /'],
  [ONE, 'localhost', '/_aws/execute-api/one1one1on/$default/a', 'one1one1on $default /a'],
  [ONE, 'localhost', '/_aws/execute-api/one1one1on/%24default/a', 'one1one1on $default /a'],
  [ONE, 'localhost', '/_aws/execute-api/one1one1on/none/a', 'STAGE_NOT_FOUND'],
  [ONE, 'localhost', '/restapis/other/dev/a', 'one1one1on $default /restapis/other/dev/a'],
  [ONE, 'localhost', '/restapis/one1one1on/dev/_user_request_/a', 'one1one1on dev /a'],
  [ONE, 'localhost', '/restapis/one1one1on/dev/a', 'API_NOT_FOUND'],
  [TWO, 'localhost', '/a', 'API_NOT_FOUND'],
  [TWO, 'two2two2tw.execute-api.localhost', '/prod/a', 'two2two2tw prod /a'],
  [TWO, 'two2two2tw.execute-api.localhost', '/a', 'STAGE_NOT_FOUND'],
  [OFF, 'localhost', '/a', 'ENDPOINT_DISABLED'],
  [OFF, 'off3off3of.execute-api.localhost', '/a', 'ENDPOINT_DISABLED'],
  [OFF, 'off3off3of.execute-api.localhost', '/dev/a', 'off3off3of dev /a'],
  [OFF, 'localhost', '/_aws/execute-api/off3off3of/$default/a', 'ENDPOINT_DISABLED'],
]

for (const [apis, host, path, result] of CASES) {
  test(`${host}${path} with ${apis.length} API: ${result}`, () => {
    const snapshot = new Snapshot(1, new Map(apis.map((each) => [each.apiId, each])))
    const found = snapshot.resolve(host, path)
    const text =
      'refused' in found
        ? found.refused
        : `${found.stage.context.apiId} ${found.stage.context.stageName} ${found.path}`
    assert.equal(text, result)
  })
}
