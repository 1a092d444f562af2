/**
 * Asks for deployments, one at a time, from whatever asks: SIGHUP or a changed file.
 *
 * What is asked for while a deployment runs leads to one more after it, because that one may have read the files too
 * early. A deployment that fails has said so itself; the next request starts afresh.
 */

export class Reloader {
  readonly #deploy: () => Promise<void>
  #running = false
  #again = false
  #closed = false

  constructor(deploy: () => Promise<void>) {
    this.#deploy = deploy
  }

  /** Returns at once. */
  request(): void {
    if (this.#running) this.#again = true
    else if (!this.#closed) void this.#run()
  }

  /** Nothing is deployed any more; what runs ends. */
  close(): void {
    this.#closed = true
    this.#again = false
  }

  async #run(): Promise<void> {
    this.#running = true
    try {
      do {
        this.#again = false
        await this.#deploy()
      } while (this.#again)
    } finally {
      this.#running = false
    }
  }
}
