/**
 * What every Store must do: one test for each promise of `store.ts`.
 *
 * An implementation calls `testStore` from its own test with a way to make an empty place and to open the store there,
 * which may be done again after the store before was closed.
 */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Clock } from '../base/clock.ts'
import {
  type AuditEntry,
  type Change,
  type ChangeSet,
  InvalidCursor,
  type RecordKey,
  type Scope,
  type Store,
} from './store.ts'
import { followsTheModel } from './store-model.suite.ts'

/** Makes an empty place; the function that it returns opens the store there. */
export type NewPlace = (t: TestContext, clock: Clock) => Promise<OpenStore>
export type OpenStore = () => Promise<Store>

type Case = (open: OpenStore) => Promise<void>

const HERE: Scope = { accountId: '111111111111', region: 'eu-central-1' }
const ELSEWHERE: Scope = { accountId: '111111111111', region: 'us-east-1' }
const OTHERS: Scope = { accountId: '222222222222', region: 'eu-central-1' }
const TIME = '2026-03-04T05:06:07.008Z'
const clock: Clock = { now: () => 0, epochMs: () => Date.parse(TIME) }

const api = (id: string): RecordKey => ({ kind: 'api', parent: '', id })
const route = (id: string, parent = 'a1'): RecordKey => ({ kind: 'route', parent, id })

/** `skipped`: name of a case → why this implementation does not do it. */
export function testStore(
  name: string,
  newPlace: NewPlace,
  skipped: Readonly<Record<string, string>> = {},
): void {
  for (const unknown of Object.keys(skipped).filter((each) => !(each in CASES))) {
    throw new Error(`${unknown} is not a case of the suite`)
  }
  for (const [title, run] of Object.entries(CASES)) {
    const skip = skipped[title] ?? false
    test(`${name}: ${title}`, { skip }, async (t) => run(await newPlace(t, clock)))
  }
}

const CASES: Readonly<Record<string, Case>> = {
  'a record reads as it was put, as JSON has it': async (open) => {
    const store = await open()
    const body = {
      name: 'Ä"\u0000\u2028🦊',
      gone: undefined,
      list: [1, null],
      nested: { yes: true },
    }
    await store.write(async (tx) => {
      await tx.in(HERE).put(api('a1'), body)
      body.list.push(2)
    })
    const record = await store.read((reader) => reader.in(HERE).get(api('a1')))
    assert.deepEqual(record, {
      scope: HERE,
      ...api('a1'),
      body: { name: 'Ä"\u0000\u2028🦊', list: [1, null], nested: { yes: true } },
      revision: 1,
    })
    assert.equal(await store.read((reader) => reader.in(HERE).get(api('a2'))), undefined)
    await store.close()
  },

  'every part of a key tells records apart': async (open) => {
    const store = await open()
    const keys = [
      '',
      "'",
      '%',
      '_',
      'A',
      'a',
      'ä',
      'a\u0308',
      'a\u0000',
      'a\u0000b',
      ' a',
      '__proto__',
    ]
    const all = keys.flatMap((text): [Scope, RecordKey][] => [
      [HERE, { kind: 'k', parent: 'p', id: text }],
      [HERE, { kind: 'k', parent: `${text}!`, id: 'i' }],
      [HERE, { kind: `${text}!`, parent: 'p', id: 'i' }],
      [{ accountId: `${text}!`, region: '*' }, api('a1')],
      [{ accountId: '*', region: `${text}!` }, api('a1')],
    ])
    await store.write(async (tx) => {
      for (const [i, [scope, key]] of all.entries()) await tx.in(scope).put(key, { i })
    })
    const bodies = await store.read((reader) =>
      Promise.all(all.map(async ([scope, key]) => (await reader.in(scope).get(key))?.body)),
    )
    assert.deepEqual(
      bodies,
      all.map((_, i) => ({ i })),
    )
    await store.close()
  },

  'scopes do not see each other': async (open) => {
    const store = await open()
    await putAll(store, [api('a1')], HERE)
    await putAll(store, [route('r1')], OTHERS)
    for (const scope of [ELSEWHERE, OTHERS]) {
      assert.equal(await store.read((reader) => reader.in(scope).get(api('a1'))), undefined)
      assert.deepEqual(await idsOf(store, 'api', '', scope), [])
      await store.write(async (tx) => {
        assert.equal(await tx.in(scope).delete(api('a1')), false)
        await tx.in(HERE).deleteChildren('a1')
      })
    }
    assert.deepEqual(await idsOf(store, 'api', ''), ['a1'])
    assert.deepEqual(await idsOf(store, 'route', 'a1', OTHERS), ['r1'])
    await store.close()
  },

  'a list is in the order in which its records were made': async (open) => {
    const store = await open()
    await putAll(store, ['z', 'b', 'a'].map(api))
    await putAll(store, [route('r1', '')])
    await store.write((tx) => tx.in(HERE).put(api('b'), { changed: true }))
    assert.deepEqual(await idsOf(store, 'api', ''), ['z', 'b', 'a'])
    await store.write(async (tx) => void (await tx.in(HERE).delete(api('z'))))
    await putAll(store, [api('z')])
    assert.deepEqual(await idsOf(store, 'api', ''), ['b', 'a', 'z'])
    await store.close()
  },

  'pages end where they should': async (open) => {
    const store = await open()
    const pagesOf = async (limit: number): Promise<string[][]> => {
      const pages: string[][] = []
      let after: string | undefined
      do {
        const request = after === undefined ? { limit } : { limit, after }
        const page = await store.read((reader) => reader.in(HERE).list('api', '', request))
        pages.push(page.records.map(({ id }) => id))
        after = page.next
      } while (after !== undefined)
      return pages
    }
    assert.deepEqual(await pagesOf(2), [[]])
    await putAll(store, ['a', 'b', 'c', 'd'].map(api))
    assert.deepEqual(await pagesOf(1), [['a'], ['b'], ['c'], ['d']])
    assert.deepEqual(await pagesOf(2), [
      ['a', 'b'],
      ['c', 'd'],
    ])
    assert.deepEqual(await pagesOf(3), [['a', 'b', 'c'], ['d']])
    assert.deepEqual(await pagesOf(5), [['a', 'b', 'c', 'd']])
    await store.close()
  },

  'a cursor outlives the record that it points to': async (open) => {
    const store = await open()
    await putAll(store, ['a', 'b', 'c'].map(api))
    const next = await cursorAfter(store, 2)
    await store.write(async (tx) => {
      for (const id of ['b', 'c']) await tx.in(HERE).delete(api(id))
    })
    await putAll(store, [api('d')])
    assert.deepEqual(await idsOf(store, 'api', '', HERE, next), ['d'])
    await store.close()
  },

  'a cursor that was not made for this list is refused': async (open) => {
    const store = await open()
    await putAll(store, ['a', 'b', 'c'].map(api))
    const cursor = await cursorAfter(store, 1)
    const refused = async (after: string, kind = 'api', parent = '', scope = HERE) =>
      assert.rejects(idsOf(store, kind, parent, scope, after), InvalidCursor, after)
    await refused(cursor, 'route')
    await refused(cursor, 'api', 'a1')
    await refused(cursor, 'api', '', ELSEWHERE)
    for (const text of ['', '0', 'null', `${cursor}A`, `${cursor}=`, ` ${cursor}`])
      await refused(text)
    for (let i = 0; i < cursor.length; i += 1) {
      await refused(cursor.slice(0, i) + cursor.slice(i + 1))
      await refused(`${cursor.slice(0, i)}${cursor[i] === 'A' ? 'B' : 'A'}${cursor.slice(i + 1)}`)
    }
    assert.deepEqual(await idsOf(store, 'api', '', HERE, cursor), ['b', 'c'])
    await store.close()
  },

  'a write that throws leaves nothing, and its error': async (open) => {
    const store = await open()
    await putAll(store, [api('a')])
    const error = new Error('no')
    const failing = store.write(async (tx) => {
      await tx.in(HERE).put(api('a'), { changed: true })
      await tx.in(HERE).put(api('b'), {})
      await tx.audit(entry('gone'))
      throw error
    })
    await assert.rejects(failing, (thrown) => thrown === error)
    assert.deepEqual(await bodiesOf(store), [{ id: 'a' }])
    assert.equal(store.revision, 1)
    assert.deepEqual(await store.auditLog({ limit: 9 }), [])
    await putAll(store, [api('c')])
    assert.deepEqual(await idsOf(store, 'api', ''), ['a', 'c'])
    await store.close()
  },

  'a transaction sees its writes, and nobody else does before the end': async (open) => {
    const store = await open()
    await store.write(async (tx) => {
      await tx.in(HERE).put(api('a'), { n: 1 })
      assert.equal((await tx.in(HERE).get(api('a')))?.revision, 1)
      assert.equal((await tx.in(HERE).list('api', '')).records.length, 1)
      assert.equal((await tx.everywhere('api')).length, 1)
      assert.deepEqual(await idsOf(store, 'api', ''), [])
      assert.equal(store.revision, 0)
    })
    assert.deepEqual(await idsOf(store, 'api', ''), ['a'])
    await store.close()
  },

  'a read keeps its view while others write': async (open) => {
    const store = await open()
    await putAll(store, [api('a')])
    await store.read(async (reader) => {
      assert.equal((await reader.everywhere('api')).length, 1)
      await putAll(store, [api('b')])
      assert.equal((await reader.in(HERE).list('api', '')).records.length, 1)
      assert.deepEqual(await idsOf(store, 'api', ''), ['a', 'b'])
    })
    await store.close()
  },

  'a savepoint that throws takes its own writes back and no others': async (open) => {
    const store = await open()
    await putAll(store, [api('kept')])
    const error = new Error('no')
    await store.write(async (tx) => {
      const records = tx.in(HERE)
      await records.put(api('before'), { n: 1 })
      const failing = tx.savepoint(async () => {
        await records.put(api('before'), { n: 2 })
        await records.put(api('inside'), {})
        await records.delete(api('kept'))
        await tx.audit(entry('inside'))
        await tx.savepoint(() => records.put(api('nested'), {}))
        throw error
      })
      await assert.rejects(failing, (thrown) => thrown === error)
      assert.deepEqual(idsOfChanges(tx.changes()), ['before'])
      assert.equal(await tx.savepoint(async () => 'result'), 'result')
      await tx.savepoint(async () => {
        await records.put(api('outer'), {})
        await tx
          .savepoint(async () => {
            await records.put(api('inner'), {})
            throw error
          })
          .catch(() => {})
      })
      await tx.audit(entry('after'))
    })
    assert.deepEqual(await idsOf(store, 'api', ''), ['kept', 'before', 'outer'])
    assert.deepEqual((await bodiesOf(store))[1], { n: 1 })
    const log = await store.auditLog({ limit: 9 })
    assert.deepEqual(
      log.map(({ action, sequence }) => [action, sequence]),
      [['after', 1]],
    )
    await store.close()
  },

  'changes are net, one a record, in the order of the first touch': async (open) => {
    const store = await open()
    await putAll(store, ['same', 'moved', 'deleted', 'back'].map(api))
    await store.write(async (tx) => {
      const records = tx.in(HERE)
      await records.put(api('new'), { n: 1 })
      await records.put(api('same'), { id: 'same', extra: undefined })
      await records.put(api('moved'), { n: 1 })
      await records.put(api('moved'), { n: 2 })
      await records.put(api('passing'), {})
      await records.delete(api('passing'))
      assert.equal(await records.delete(api('never')), false)
      assert.equal(await records.delete(api('deleted')), true)
      await records.delete(api('back'))
      await records.put(api('back'), { id: 'back' })
      await records.put(api('new'), { n: 3 })
      const expected: Change[] = [
        { scope: HERE, key: api('new'), before: undefined, after: { n: 3 } },
        { scope: HERE, key: api('moved'), before: { id: 'moved' }, after: { n: 2 } },
        { scope: HERE, key: api('deleted'), before: { id: 'deleted' }, after: undefined },
      ]
      assert.deepEqual(tx.changes(), expected)
    })
    assert.deepEqual(await idsOf(store, 'api', ''), ['same', 'moved', 'back', 'new'])
    await store.close()
  },

  'what a transaction takes away and brings back has not moved': async (open) => {
    const store = await open()
    await putAll(store, ['a', 'b', 'c'].map(api))
    await store.write(async (tx) => {
      await tx.in(HERE).delete(api('a'))
      await tx.in(HERE).put(api('a'), { id: 'a' })
      await tx.in(HERE).delete(api('b'))
      await tx.in(HERE).put(api('b'), { changed: true })
    })
    const { records } = await store.read((reader) => reader.in(HERE).list('api', ''))
    assert.deepEqual(
      records.map(({ id, revision }) => [id, revision]),
      [
        ['a', 1],
        ['b', 2],
        ['c', 1],
      ],
    )
    await store.close()
  },

  'the order of members is no change': async (open) => {
    const store = await open()
    await store.write((tx) => tx.in(HERE).put(api('a'), { x: 1, y: { p: 2, q: [3, 4] } }))
    await store.write((tx) => tx.in(HERE).put(api('a'), { y: { q: [3, 4], p: 2 }, x: 1 }))
    assert.equal(store.revision, 1)
    await store.write((tx) => tx.in(HERE).put(api('a'), { y: { q: [4, 3], p: 2 }, x: 1 }))
    assert.equal(store.revision, 2)
    await store.close()
  },

  'the revision grows by one with every transaction that changes a record': async (open) => {
    const store = await open()
    assert.equal(store.revision, 0)
    await putAll(store, ['a', 'b'].map(api))
    assert.equal(store.revision, 1)
    await store.write(async () => {})
    await store.write((tx) => tx.audit(entry('only this')))
    await putAll(store, [api('a')])
    assert.equal(store.revision, 1)
    await store.write((tx) => tx.in(HERE).put(api('b'), {}))
    const { records } = await store.read((reader) => reader.in(HERE).list('api', ''))
    assert.deepEqual(
      records.map(({ revision }) => revision),
      [1, 2],
    )
    await store.close()
  },

  'listeners hear of what was committed, in order, until they stop': async (open) => {
    const store = await open()
    const heard: ChangeSet[] = []
    const stop = store.onCommit((set) => {
      assert.equal(store.revision, set.revision, 'the store is as far as its listeners')
      heard.push(set)
    })
    await Promise.all(['a', 'b', 'c'].map((id) => putAll(store, [api(id)])))
    await assert.rejects(store.write(() => Promise.reject(new Error('no'))))
    await store.write((tx) => tx.audit(entry('no record')))
    stop()
    await putAll(store, [api('d')])
    assert.deepEqual(
      heard.map(({ revision, changes }) => [revision, ...changes]),
      ['a', 'b', 'c'].map((id, i) => [
        i + 1,
        { scope: HERE, key: api(id), before: undefined, after: { id } },
      ]),
    )
    await store.close()
  },

  'writes take turns: no update is lost': async (open) => {
    const store = await open()
    await store.write((tx) => tx.in(HERE).put(api('a'), { count: 0 }))
    const results = await Promise.all(
      Array.from({ length: 100 }, () =>
        store.write(async (tx) => {
          const { body } = (await tx.in(HERE).get<{ count: number }>(api('a')))!
          await Promise.resolve()
          await tx.in(HERE).put(api('a'), { count: body.count + 1 })
          return body.count
        }),
      ),
    )
    assert.deepEqual(results, [...results.keys()])
    assert.deepEqual(await bodiesOf(store), [{ count: 100 }])
    await store.close()
  },

  'children of every kind go, and only they': async (open) => {
    const store = await open()
    const stage: RecordKey = { kind: 'stage', parent: 'a1', id: 's1' }
    await putAll(store, [api('a1'), route('r1'), stage, route('r2'), route('r3', 'a2')])
    await store.write(async (tx) => {
      const records = tx.in(HERE)
      assert.deepEqual(await records.children('a1'), [route('r1'), stage, route('r2')])
      assert.deepEqual(await records.children('none'), [])
      await records.deleteChildren('a1')
      assert.deepEqual(idsOfChanges(tx.changes()), ['r1', 's1', 'r2'])
    })
    assert.deepEqual(await idsOf(store, 'route', 'a1'), [])
    assert.deepEqual(await idsOf(store, 'stage', 'a1'), [])
    assert.deepEqual(await idsOf(store, 'route', 'a2'), ['r3'])
    assert.deepEqual(await idsOf(store, 'api', ''), ['a1'])
    await store.close()
  },

  'records of a kind are found in every scope, in order': async (open) => {
    const store = await open()
    for (const [i, scope] of [OTHERS, HERE, ELSEWHERE].entries()) {
      await putAll(store, [route(`r${i}`, `a${9 - i}`), api('a')], scope)
    }
    const routes = await store.read((reader) => reader.everywhere('route'))
    assert.deepEqual(
      routes.map(({ scope, id, parent }) => [scope, id, parent]),
      [
        [OTHERS, 'r0', 'a9'],
        [HERE, 'r1', 'a8'],
        [ELSEWHERE, 'r2', 'a7'],
      ],
    )
    await store.close()
  },

  'the audit log counts without gaps, newest first': async (open) => {
    const store = await open()
    const refused = { ...entry('two'), refused: 'ConflictException' }
    await store.write(async (tx) => {
      await tx.audit(entry('one'))
      await tx.audit(refused)
    })
    await assert.rejects(
      store.write(async (tx) => {
        await tx.audit(entry('lost'))
        throw new Error('no')
      }),
    )
    await store.write((tx) => tx.audit(entry('three')))
    const log = await store.auditLog({ limit: 9 })
    assert.deepEqual(
      log.map(({ hash: _, ...record }) => record),
      [
        { ...entry('three'), sequence: 3, time: TIME },
        { ...refused, sequence: 2, time: TIME },
        { ...entry('one'), sequence: 1, time: TIME },
      ],
    )
    assert.equal(new Set(log.map(({ hash }) => hash)).size, 3)
    for (const { hash } of log) assert.match(hash, /^[0-9a-f]{64}$/)
    assert.deepEqual(await store.auditLog({ limit: 1 }), log.slice(0, 1))
    assert.deepEqual(await store.auditLog({ limit: 9, before: 3 }), log.slice(1))
    assert.deepEqual(await store.auditLog({ limit: 9, before: 1 }), [])
    assert.equal(await store.verifyAuditLog(), undefined)
    await store.close()
  },

  'everything is there when it is opened again': async (open) => {
    const first = await open()
    await putAll(first, ['a', 'b', 'c'].map(api))
    await first.write((tx) => tx.audit(entry('one')))
    const cursor = await cursorAfter(first, 1)
    await first.close()
    const second = await open()
    assert.equal(second.revision, 1)
    assert.deepEqual(await idsOf(second, 'api', '', HERE, cursor), ['b', 'c'])
    await putAll(second, [api('d')])
    assert.equal(second.revision, 2)
    assert.deepEqual(await idsOf(second, 'api', ''), ['a', 'b', 'c', 'd'])
    await second.write((tx) => tx.audit(entry('two')))
    const log = await second.auditLog({ limit: 9 })
    assert.deepEqual(
      log.map(({ sequence }) => sequence),
      [2, 1],
    )
    assert.equal(await second.verifyAuditLog(), undefined)
    await second.close()
  },

  'what is over cannot be used': async (open) => {
    const store = await open()
    const reader = await store.read(async (view) => view.in(HERE))
    const writer = await store.write(async (tx) => tx.in(HERE))
    await assert.rejects(async () => reader.get(api('a')))
    await assert.rejects(async () => writer.get(api('a')))
    await assert.rejects(async () => writer.put(api('a'), {}))
    await assert.rejects(async () => writer.delete(api('a')))
    const last = putAll(store, [api('a')])
    await store.close()
    await last
    await assert.rejects(store.read(async () => {}))
    await assert.rejects(store.write(async () => {}))
    await store.close()
  },

  'random writes do what a plain map would do': followsTheModel,
}

function entry(action: string): AuditEntry {
  const changes = [{ resource: 'route/a1/r1', after: { RouteKey: 'GET /ä', ['__proto__']: [] } }]
  return { scope: HERE, who: 'AKPO1', sourceIp: '127.0.0.1', requestId: 'q1', action, changes }
}

async function putAll(store: Store, keys: readonly RecordKey[], scope = HERE): Promise<void> {
  await store.write(async (tx) => {
    for (const key of keys) await tx.in(scope).put(key, { id: key.id })
  })
}

async function idsOf(store: Store, ...list: ListArguments): Promise<string[]> {
  const [kind, parent, scope = HERE, after] = list
  const request = after === undefined ? {} : { after }
  const page = await store.read((reader) => reader.in(scope).list(kind, parent, request))
  return page.records.map(({ id }) => id)
}

type ListArguments = [kind: string, parent: string, scope?: Scope, after?: string]

async function bodiesOf(store: Store): Promise<object[]> {
  const page = await store.read((reader) => reader.in(HERE).list('api', ''))
  return page.records.map(({ body }) => body)
}

async function cursorAfter(store: Store, limit: number): Promise<string> {
  const page = await store.read((reader) => reader.in(HERE).list('api', '', { limit }))
  assert.ok(page.next !== undefined, 'there is another page')
  return page.next
}

function idsOfChanges(changes: readonly Change[]): string[] {
  return changes.map(({ key }) => key.id)
}
