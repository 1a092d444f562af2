/**
 * What the deployments of one API have frozen, for the length of one batch: each is read once, and what the batch itself
 * has frozen is not read at all. A definition of a thousand routes is half a megabyte of JSON.
 */

import type { Records } from '../../../storage/store.ts'
import type { DeploymentDefinitionRecord } from '../records.ts'

export class FrozenDefinitions {
  readonly #records: Records
  readonly #apiId: string
  readonly #known = new Map<string, DeploymentDefinitionRecord>()

  constructor(records: Records, apiId: string) {
    this.#records = records
    this.#apiId = apiId
  }

  /** Undefined: there is no such deployment. */
  async get(deploymentId: string): Promise<DeploymentDefinitionRecord | undefined> {
    const known = this.#known.get(deploymentId)
    if (known !== undefined) return known
    const key = { kind: 'deployment-definition', parent: this.#apiId, id: deploymentId }
    const record = await this.#records.get<DeploymentDefinitionRecord>(key)
    if (record !== undefined) this.#known.set(deploymentId, record.body)
    return record?.body
  }

  /** Just written. */
  add(deploymentId: string, definition: DeploymentDefinitionRecord): void {
    this.#known.set(deploymentId, definition)
  }
}
