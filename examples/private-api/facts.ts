/** What the parts of the example know of each other. */

import type { MadePool } from './user-pool.ts'

/** In `example.json` of the data folder, for the tools. */
export interface Facts extends MadePool {
  /** Where clients of the pool call: sign-in, keys, discovery. */
  readonly identityUrl: string
  readonly user: { readonly name: string; readonly password: string }
}

export const PORTS = {
  http: 'off',
  https: '8443',
  control: '9080',
  identity: '9090',
  link: '8444',
  storefront: '3001',
}

export type Ports = Readonly<typeof PORTS>

/** What the SDKs' clients are made with. */
export interface Endpoint {
  readonly endpoint: string
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

export interface Target {
  readonly host: string
  readonly port: number
}
