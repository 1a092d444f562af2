/** What the tests of one file share, a gateway or a browser, ends when the last of them has. */

import { after, type TestContext } from 'node:test'

const ends: Parameters<TestContext['after']>[0][] = []

after(async (t) => {
  for (const end of ends.toReversed()) await (end as (t: unknown) => unknown)?.(t)
})

/** Stands where a test would: what is started with it lives as long as the file's tests. */
export const fileEnd: Pick<TestContext, 'after'> = {
  after: (end) => void ends.push(end),
}
