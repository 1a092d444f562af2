/** The API keys of an account and region while one call adds to them: values and ids are used once. */

import { ServiceError } from '../../aws/service-error.ts'
import type { WriteContext } from '../service.ts'
import { invalid } from './patch.ts'
import { type ApiKeyRecord, allKeys } from './records.ts'

/** What a key is besides its value and what it has from its making. */
export type KeyFacts = Pick<
  ApiKeyRecord,
  'enabled' | 'name' | 'description' | 'customerId' | 'tags'
>

const ID_CHARACTERS = 10
const VALUE_CHARACTERS = 40
const VALUE_MIN = 20
const VALUE_MAX = 128
const NAME_MAX = 1_024
const DESCRIPTION_MAX = 1_024

export class ApiKeys {
  readonly #context: WriteContext
  readonly #byValue: Map<string, ApiKeyRecord>
  readonly #ids: Set<string>

  private constructor(context: WriteContext, keys: readonly ApiKeyRecord[]) {
    this.#context = context
    this.#byValue = new Map(keys.map((key) => [key.value, key]))
    this.#ids = new Set(keys.map(({ id }) => id))
  }

  static async of(context: WriteContext): Promise<ApiKeys> {
    return new ApiKeys(context, await allKeys(context.records))
  }

  /** Throws where there is a key with this value. Without a value it gets one. */
  add(value: string | undefined, facts: KeyFacts): Promise<ApiKeyRecord> {
    const most = this.#context.settings.limits.apiKeysPerRegion
    if (this.#byValue.size >= most) {
      throw new ServiceError(
        'LimitExceededException',
        `Maximum number of API keys has been reached: ${most}. Raise it with --limit apiKeysPerRegion=<number>`,
      )
    }
    const own = value ?? this.#context.newId(VALUE_CHARACTERS)
    checkValue(own)
    if (this.#byValue.has(own)) {
      throw new ServiceError('ConflictException', 'API Key already exists')
    }
    const createdDate = this.#context.now.toISOString()
    return this.#put({ id: this.#freshId(), value: own, createdDate, stageKeys: [] }, facts)
  }

  /** The key with this value says this from now on, and is made where there is none. */
  async replace(value: string, facts: KeyFacts): Promise<ApiKeyRecord> {
    const known = this.#byValue.get(value)
    return known === undefined ? this.add(value, facts) : this.#put(known, facts)
  }

  async #put(
    base: Pick<ApiKeyRecord, 'id' | 'value' | 'createdDate' | 'stageKeys' | 'customerId' | 'tags'>,
    facts: KeyFacts,
  ): Promise<ApiKeyRecord> {
    const { id, value, createdDate, stageKeys } = base
    const { name, description, enabled } = facts
    const customerId = facts.customerId ?? base.customerId
    const tags = facts.tags ?? base.tags
    const record = checkedKey({
      ...{ id, value, createdDate, stageKeys, enabled },
      lastUpdatedDate: this.#context.now.toISOString(),
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(customerId === undefined ? {} : { customerId }),
      ...(tags === undefined ? {} : { tags }),
    })
    this.#byValue.set(value, record)
    this.#ids.add(id)
    await putKey(this.#context, record)
    return record
  }

  #freshId(): string {
    for (;;) {
      const id = this.#context.newId(ID_CHARACTERS)
      if (!this.#ids.has(id)) return id
    }
  }
}

export function putKey({ records }: WriteContext, record: ApiKeyRecord): Promise<void> {
  return records.put({ kind: 'api-key', parent: '', id: record.id }, record)
}

export function checkedKey(key: ApiKeyRecord): ApiKeyRecord {
  if ((key.name ?? '').length > NAME_MAX) {
    throw invalid('Invalid API Key name, can be at most 1024 characters.')
  }
  if ((key.description ?? '').length > DESCRIPTION_MAX) {
    throw invalid('Invalid API Key description specified.')
  }
  return key
}

function checkValue(value: string): void {
  if (value.length < VALUE_MIN) throw invalid('API Key value should be at least 20 characters')
  if (value.length > VALUE_MAX) {
    throw invalid('API Key value exceeds maximum size of 128 characters')
  }
  // It has to be able to stand in a header field.
  if (!/^[\x21-\x7e]+$/.test(value)) throw invalid('Invalid API Key value specified')
}
