/**
 * The services behind the gateways: nginx that answers 100 bytes of JSON and large files, and a sink for uploads.
 *
 * Both run on the origin's core for the whole bench. The large files are holes on disk, served by sendfile from the
 * page cache.
 */
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nginxCommand, nginxUser } from '../gateway/nginx.ts'
import { untilProven } from '../gateway/prove.ts'
import { startChild } from '../process/child.ts'
import type { Cores } from '../process/cores.ts'
import { freePort } from '../process/free-port.ts'
import { writeTemplate } from '../process/template.ts'
import { HUGE_BYTES, LARGE_BYTES, ORIGIN_JSON } from './answer.ts'

const UPLOAD_SINK = fileURLToPath(new URL('upload-sink.ts', import.meta.url))

export interface Origin {
  readonly port: number
  readonly uploadPort: number
}

export async function startOrigin(folder: string, cores: Cores): Promise<Origin> {
  const port = await freePort()
  mkdirSync(join(folder, 'files/large'), { recursive: true })
  writeHole(join(folder, 'files/large/10m'), LARGE_BYTES)
  writeHole(join(folder, 'files/large/1g'), HUGE_BYTES)
  const configuration = join(folder, 'origin.conf')
  writeTemplate('origin.conf', configuration, {
    user: nginxUser(),
    folder,
    port,
    json: ORIGIN_JSON,
  })
  const nginx = startChild({
    name: 'origin',
    core: cores.origin,
    command: nginxCommand(folder, configuration),
  })
  await untilProven(nginx, { port, tlsPort: 0, path: '/' })

  const uploadPort = await freePort()
  const sink = startChild({
    name: 'upload sink',
    core: cores.origin,
    command: [process.execPath, UPLOAD_SINK, String(uploadPort)],
  })
  await untilProven(sink, { port: uploadPort, tlsPort: 0, path: '/' })
  return { port, uploadPort }
}

function writeHole(path: string, bytes: number): void {
  writeFileSync(path, '')
  truncateSync(path, bytes)
}
