import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arnOf, keyOfArn, partitionOf } from './arn.ts'

const REGIONS = { 'eu-central-1': 'aws', 'cn-north-1': 'aws-cn', 'us-gov-west-1': 'aws-us-gov' }

for (const [region, partition] of Object.entries(REGIONS)) {
  test(`ARNs of ${region} are of the partition ${partition} and lead back to their records`, () => {
    const scope = { accountId: '123456789012', region }
    assert.equal(partitionOf(region), partition)
    const arn = arnOf(scope, '/apis/a1b2c3d4e5/stages/$default')
    assert.equal(arn, `arn:${partition}:apigateway:${region}::/apis/a1b2c3d4e5/stages/$default`)
    const key = { kind: 'stage', parent: 'a1b2c3d4e5', id: '$default' }
    assert.deepEqual(keyOfArn(scope, arn), key)
  })
}
