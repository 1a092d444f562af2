/** A client for the rows that ask one thing at a time: GET over one kept connection, status and two headers back. */
import http from 'node:http'

export interface Seen {
  readonly status: number
  readonly revision: string
  /** What the origin saw in the request's `X-Revision`. */
  readonly originRevision: string
}

export class KeepAliveClient {
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  readonly #port: number

  constructor(port: number) {
    this.#port = port
  }

  get(path: string): Promise<Seen> {
    const { promise, resolve, reject } = Promise.withResolvers<Seen>()
    const options = { host: '127.0.0.1', port: this.#port, path, agent: this.#agent }
    const request = http.get(options, (response) => {
      const { headers, statusCode } = response
      response.resume()
      response.once('error', reject)
      response.once('end', () =>
        resolve({
          status: statusCode ?? 0,
          revision: String(headers['x-revision']),
          originRevision: String(headers['x-echo-revision']),
        }),
      )
    })
    request.once('error', reject)
    return promise
  }

  close(): void {
    this.#agent.destroy()
  }
}
