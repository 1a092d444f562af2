/** The data folder: there, writable, private, with room. */

import { constants } from 'node:fs'
import { access, readdir, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { messageOf } from '../../base/message-of.ts'
import { codeOf } from '../../server/failure.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

const SUBJECT = 'data folder'
const MEGABYTE = 1_048_576
const FREE_LEAST_MB = 100
const FREE_WANTED_MB = 1_024
/** Files that hold secrets, by the ends of their names. */
const SECRET = /(?:^installation\.key|\.key\.pem|server\.pem|^postern\.db.*)$/

export async function checkDataFolder(folder: string): Promise<readonly Finding[]> {
  const place = path.resolve(folder)
  try {
    await access(place, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') {
      return [ok(SUBJECT, `${place} is not there yet: the first start makes it`)]
    }
    const mend = 'Run Postern as the user whose folder it is, or name another with --data DIR.'
    return [problem(SUBJECT, `${place} cannot be used: ${messageOf(thrown)}`, mend)]
  }
  return [await checkRoom(place), ...(await checkPrivacy(place))]
}

async function checkRoom(place: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(place)
  const free = Math.floor((bavail * bsize) / MEGABYTE)
  const message = `${place}, ${free} MB free`
  if (free < FREE_LEAST_MB) return problem(SUBJECT, message, 'Make room: writes fail without.')
  return free < FREE_WANTED_MB ? warning(SUBJECT, message, 'Make room.') : ok(SUBJECT, message)
}

async function checkPrivacy(place: string): Promise<readonly Finding[]> {
  const folders = [place, path.join(place, 'certificates')]
  const open: string[] = []
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => [])
    for (const name of names.filter((each) => SECRET.test(each))) {
      const file = path.join(folder, name)
      // A file of the store may be gone by now.
      const mode = await stat(file).then(
        (facts) => facts.mode,
        () => 0,
      )
      if ((mode & 0o077) !== 0) open.push(file)
    }
  }
  if (process.platform === 'win32' || open.length === 0) return []
  const isClosed = ((await stat(place)).mode & 0o077) === 0
  if (isClosed) return []
  return open.map((file) =>
    warning('secrets', `other users of this machine can read ${file}`, `chmod go= '${file}'`),
  )
}
