/**
 * Random writes against a plain map: the slow twin of every Store, and the part of the suite that runs it.
 *
 * The model knows one scope. It copies itself at every transaction and every savepoint, so that taking back is
 * forgetting the copy.
 */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { RecordKey, Scope, Store, Transaction } from './store.ts'

const RUNS = 40
const SCOPE: Scope = { accountId: '111111111111', region: 'eu-central-1' }

type Action =
  | { readonly do: 'put'; readonly key: RecordKey; readonly body: object }
  | { readonly do: 'delete'; readonly key: RecordKey }
  | { readonly do: 'deleteChildren'; readonly parent: string }
  | { readonly do: 'savepoint'; readonly actions: readonly Action[]; readonly fails: boolean }

interface Write {
  readonly actions: readonly Action[]
  readonly fails: boolean
  /** Size of the pages in which everything is read afterwards. */
  readonly limit: number
}

const KINDS = ['route', 'stage']
const PARENTS = ['a1', 'a2']

const key = fc.record({
  kind: fc.constantFrom(...KINDS),
  parent: fc.constantFrom(...PARENTS),
  id: fc.constantFrom('x', 'y', 'z'),
})
const body = fc.integer({ min: 0, max: 2 }).map((n) => ({ n }))
const { action } = fc.letrec<{ action: Action }>((tie) => ({
  action: fc.oneof(
    { maxDepth: 3 },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), key, body }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('deleteChildren' as const),
        parent: fc.constantFrom(...PARENTS),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('savepoint' as const),
        actions: fc.array(tie('action'), { maxLength: 5 }),
        fails: fc.boolean(),
      }),
    },
  ),
}))
const writes: fc.Arbitrary<Write[]> = fc.array(
  fc.record({
    actions: fc.array(action, { maxLength: 8 }),
    fails: fc.boolean(),
    limit: fc.integer({ min: 1, max: 4 }),
  }),
  { minLength: 1, maxLength: 6 },
)

/** Every run goes on with the same store, which is fuller each time. */
export async function followsTheModel(open: () => Promise<Store>): Promise<void> {
  const store = await open()
  let model: Model = new Map()
  await fc.assert(
    fc.asyncProperty(writes, async (sequence) => {
      for (const write of sequence) model = await both(store, model, write)
    }),
    { numRuns: RUNS, endOnFailure: true },
  )
  await store.close()
}

interface Entry {
  readonly key: RecordKey
  readonly body: object
  /** Grows; where the record stands in its list. */
  readonly made: number
}

type Model = ReadonlyMap<string, Entry>

let made = 0

async function both(store: Store, before: Model, write: Write): Promise<Model> {
  const { actions, fails, limit } = write
  const revision = store.revision
  const after = fails ? before : inModel(actions, before, before)
  const done = store.write(async (transaction) => {
    await inStore(actions, transaction)
    if (fails) throw new Error('as planned')
    const changed = transaction.changes().map((change) => nameOf(change.key))
    assert.deepEqual(changed.sort(), changedNames(before, after).sort())
  })
  if (fails) await assert.rejects(done, /as planned/)
  else await done
  assert.deepEqual(await contentOf(store, limit), contentOfModel(after))
  const hasChanged = changedNames(before, after).length > 0
  assert.equal(store.revision, revision + (hasChanged ? 1 : 0))
  return after
}

/** `origin`: what the transaction began with; what comes back in it goes to its old place. */
function inModel(actions: readonly Action[], model: Model, origin: Model): Model {
  const copy = new Map(model)
  for (const each of actions) {
    if (each.do === 'put') {
      const name = nameOf(each.key)
      const place = copy.get(name) ?? origin.get(name) ?? { made: made++ }
      copy.set(name, { key: each.key, body: each.body, made: place.made })
    } else if (each.do === 'delete') {
      copy.delete(nameOf(each.key))
    } else if (each.do === 'deleteChildren') {
      for (const [name, entry] of copy) if (entry.key.parent === each.parent) copy.delete(name)
    } else if (!each.fails) {
      const inner = inModel(each.actions, copy, origin)
      copy.clear()
      for (const [name, entry] of inner) copy.set(name, entry)
    }
  }
  return copy
}

async function inStore(actions: readonly Action[], transaction: Transaction): Promise<void> {
  const records = transaction.in(SCOPE)
  for (const each of actions) {
    if (each.do === 'put') await records.put(each.key, each.body)
    else if (each.do === 'delete') await records.delete(each.key)
    else if (each.do === 'deleteChildren') await records.deleteChildren(each.parent)
    else await savepointInStore(each, transaction)
  }
}

async function savepointInStore(
  { actions, fails }: Extract<Action, { do: 'savepoint' }>,
  transaction: Transaction,
): Promise<void> {
  const done = transaction.savepoint(async () => {
    await inStore(actions, transaction)
    if (fails) throw new Error('as planned')
  })
  if (fails) await assert.rejects(done, /as planned/)
  else await done
}

/** List → its records, read in pages. */
async function contentOf(store: Store, limit: number): Promise<Record<string, object[]>> {
  const content: Record<string, object[]> = {}
  for (const [kind, parent] of lists()) {
    const found: object[] = []
    let after: string | undefined
    do {
      const request = after === undefined ? { limit } : { limit, after }
      const page = await store.read((reader) => reader.in(SCOPE).list(kind, parent, request))
      found.push(...page.records.map(({ id, body }) => ({ id, body })))
      after = page.next
    } while (after !== undefined)
    content[`${kind} of ${parent}`] = found
  }
  return content
}

function contentOfModel(model: Model): Record<string, object[]> {
  const listOf = (kind: string, parent: string): object[] =>
    [...model.values()]
      .filter((entry) => entry.key.kind === kind && entry.key.parent === parent)
      .sort((one, other) => one.made - other.made)
      .map(({ key: { id }, body }) => ({ id, body }))
  return Object.fromEntries(
    lists().map(([kind, parent]) => [`${kind} of ${parent}`, listOf(kind, parent)]),
  )
}

function changedNames(before: Model, after: Model): string[] {
  const names = new Set([...before.keys(), ...after.keys()])
  const textOf = (entry: Entry | undefined): string => JSON.stringify(entry?.body ?? null)
  return [...names].filter((name) => textOf(before.get(name)) !== textOf(after.get(name)))
}

function lists(): [kind: string, parent: string][] {
  return KINDS.flatMap((kind) => PARENTS.map((parent): [string, string] => [kind, parent]))
}

function nameOf({ kind, parent, id }: RecordKey): string {
  return `${kind}/${parent}/${id}`
}
