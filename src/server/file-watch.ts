/**
 * Hears when the content of a file changes, whatever way an editor writes it.
 *
 * The folder is watched, not the file: an editor that writes a new file and renames it over the old one would leave a
 * watch on a file that is gone. Links are followed, so the folder of the real file is watched too. Events come in bursts
 * and for nothing, so a burst is waited out and the content is compared; only a change of content is reported. A file
 * that is missing for a moment is no change; one that stays away is.
 */

import { createHash } from 'node:crypto'
import { type FSWatcher, watch } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import path from 'node:path'

/** Long enough for an editor's truncate-and-write, short enough to feel immediate. */
const BURST_MS = 20
/** A file that is missing for longer has been deleted, and not just replaced. */
const GONE_MS = 500
/** Kubernetes replaces all files of a mounted folder at once, by moving this link. */
const MOUNT_LINK = '..data'

export interface FileWatch {
  close(): void
}

/** Resolves once changes can no longer be missed. `onError` hears when a folder can no longer be watched. */
export async function watchFiles(
  files: readonly string[],
  onChange: () => void,
  onError: (reason: string) => void,
): Promise<FileWatch> {
  const watching = new WatchedFiles(files, onChange)
  await watching.open(onError)
  await watching.remember()
  return watching
}

class WatchedFiles implements FileWatch {
  readonly #files: readonly string[]
  readonly #onChange: () => void
  /** The files by every name that an event may give them. */
  readonly #names = new Set<string>()
  readonly #watchers: FSWatcher[] = []
  #digests: readonly (string | undefined)[] = []
  #burst: NodeJS.Timeout | undefined
  #missing: NodeJS.Timeout | undefined

  constructor(files: readonly string[], onChange: () => void) {
    this.#files = files.map((file) => path.resolve(file))
    this.#onChange = onChange
  }

  async open(onError: (reason: string) => void): Promise<void> {
    const real = await Promise.all(this.#files.map((file) => realpath(file).catch(() => file)))
    for (const file of [...this.#files, ...real]) this.#names.add(file)
    for (const folder of new Set([...this.#names].map((file) => path.dirname(file)))) {
      const watcher = watch(folder, { persistent: false }, (_event, name) =>
        this.#onEvent(folder, name),
      )
      watcher.on('error', (error) => onError(error.message))
      this.#watchers.push(watcher)
    }
  }

  async remember(): Promise<void> {
    this.#digests = await Promise.all(this.#files.map(digestOf))
  }

  close(): void {
    clearTimeout(this.#burst)
    clearTimeout(this.#missing)
    for (const watcher of this.#watchers) watcher.close()
  }

  /** Some systems give no name; then any of the files may be meant. */
  #onEvent(folder: string, name: string | null): void {
    const meant = name === null || name === MOUNT_LINK || this.#names.has(path.join(folder, name))
    if (!meant) return
    clearTimeout(this.#burst)
    this.#burst = setTimeout(() => void this.#compare(), BURST_MS)
  }

  async #compare(): Promise<void> {
    const digests = await Promise.all(this.#files.map(digestOf))
    const changed = digests.some((digest, i) => digest !== undefined && digest !== this.#digests[i])
    const missing = digests.some((digest, i) => digest === undefined && this.#digests[i])
    this.#digests = digests.map((digest, i) => digest ?? this.#digests[i])
    clearTimeout(this.#missing)
    if (missing) this.#missing = setTimeout(() => void this.#compareMissing(), GONE_MS)
    if (changed) this.#onChange()
  }

  /** A file that is still away counts as changed, once; so does its return, whatever it holds then. */
  async #compareMissing(): Promise<void> {
    const digests = await Promise.all(this.#files.map(digestOf))
    const gone = digests.some((digest, i) => digest === undefined && this.#digests[i])
    this.#digests = digests.map((digest, i) => (digest === undefined ? digest : this.#digests[i]))
    if (gone) this.#onChange()
  }
}

/** Undefined while the file cannot be read. */
async function digestOf(file: string): Promise<string | undefined> {
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
  } catch {
    return undefined
  }
}
