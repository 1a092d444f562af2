/**
 * Calls of a Kubernetes API server: a GET with the pod's token, over TLS that the cluster's own authority vouches for.
 *
 * Token and authority are read anew for every call: the kubelet replaces them. Redirects are not followed: the token is for
 * nobody else.
 * Node's own client: a watch is one slow stream of the main thread under an authority of its own, nothing for a pool.
 * https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 */

import { readFile } from 'node:fs/promises'
import https from 'node:https'
import path from 'node:path'

export interface KubernetesPlace {
  /** `https://10.0.0.1:443` */
  readonly url: string
  /** With `token` and `ca.crt`, as a pod finds them. */
  readonly credentials: string
}

export interface KubernetesStream {
  readonly status: number
  readonly body: AsyncIterable<Buffer>
}

/** Where a pod finds its cluster; undefined: this is no pod. */
export function placeOfPod(environment: NodeJS.ProcessEnv): KubernetesPlace | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment
  if (!host) return undefined
  const name = host.includes(':') ? `[${host}]` : host
  return {
    url: `https://${name}:${port}`,
    credentials: '/var/run/secrets/kubernetes.io/serviceaccount',
  }
}

const ANSWER_TIMEOUT_MS = 10_000

export class KubernetesApi {
  readonly #place: KubernetesPlace

  constructor(place: KubernetesPlace) {
    this.#place = place
  }

  /** Resolves when the head of the answer is there. Ends, wherever it is, with `signal`. */
  async get(target: string, signal: AbortSignal): Promise<KubernetesStream> {
    const { url, credentials } = this.#place
    const token = (await readFile(path.join(credentials, 'token'), 'utf8')).trim()
    const options = {
      signal,
      agent: false,
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      ca: await readFile(path.join(credentials, 'ca.crt')),
    } as const
    return new Promise((resolve, reject) => {
      const request = https.get(url + target, options, (response) => {
        request.setTimeout(0)
        resolve({ status: response.statusCode ?? 0, body: response })
      })
      request.setTimeout(ANSWER_TIMEOUT_MS, () => request.destroy(new Error('no answer in time')))
      request.on('error', reject)
    })
  }
}
