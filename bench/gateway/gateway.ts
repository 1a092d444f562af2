/**
 * One program under test: how it is started as a bare reverse proxy, and the running instance.
 *
 * Each kind has one file here; `startGateway` gives it a folder, ports and the gateway core, waits until it
 * answers and proves that what comes back is the origin's own answer.
 */
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, startChild, stopChild } from '../process/child.ts'
import { freePort } from '../process/free-port.ts'
import { untilProven } from './prove.ts'

/** Where an instance runs and what stands behind it. */
export interface Place {
  /** Its own empty folder. */
  readonly folder: string
  readonly port: number
  /** 0: no TLS. */
  readonly tlsPort: number
  readonly originPort: number
  /** For gateways that need one; Postern makes its own. */
  readonly certificate: Certificate
}

export interface Certificate {
  readonly certificatePath: string
  readonly keyPath: string
}

export interface Launch {
  readonly command: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

export interface Gateway {
  readonly name: string
  launch(place: Place): Promise<Launch>
}

export interface RunningGateway {
  readonly name: string
  /** Its own. */
  readonly folder: string
  readonly child: Child
  readonly port: number
  readonly tlsPort: number
  /** From the creation of the process to the first proven answer. */
  readonly readyMs: number
}

export interface StartOptions {
  readonly folder: string
  readonly core: number
  readonly originPort: number
  readonly certificate: Certificate
  readonly tls: boolean
  /** A path that must answer as the origin does. */
  readonly provePath: string
  /** What the request to that path carries. */
  readonly proveHeaders?: Readonly<Record<string, string>>
}

export async function startGateway(
  gateway: Gateway,
  options: StartOptions,
): Promise<RunningGateway> {
  const { core, originPort, certificate } = options
  const folder = mkdtempSync(join(options.folder, 'gateway-'))
  const port = await freePort()
  const tlsPort = options.tls ? await freePort() : 0
  const launch = await gateway.launch({ folder, port, tlsPort, originPort, certificate })
  const since = performance.now()
  const child = startChild({ name: gateway.name, core, ...launch })
  try {
    const { provePath: path, proveHeaders: headers } = options
    await untilProven(child, { port, tlsPort, path, ...(headers && { headers }) })
  } catch (error) {
    await stopChild(child)
    throw error
  }
  const readyMs = performance.now() - since
  return { name: gateway.name, folder, child, port, tlsPort, readyMs }
}
