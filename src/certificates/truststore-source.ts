/**
 * Where truststores are read from: files of one folder that the operator names, and objects of a store that speaks S3.
 *
 * An URI comes from whoever may create a domain name, so it reaches nothing else: a file has to lie in the folder, links
 * followed; an object is asked of the one endpoint, signed with Postern's own credentials (Signature Version 4).
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */

import { createHash } from 'node:crypto'
import { readFile, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { encodePath } from '../aws/sigv4/percent-encoding.ts'
import { type SigningCredentials, signRequest } from '../aws/sigv4/sign-request.ts'
import type { Clock } from '../base/clock.ts'
import type { FetchDocument, FetchedDocument } from '../http/client/fetch-document.ts'
import { TRUSTSTORE_BYTES_MAX, TruststoreError, type TruststoreSource } from './truststore.ts'

export interface TruststoreSourceParts {
  /** Undefined: no file is read. */
  readonly folder: string | undefined
  /** Undefined: no object is read. */
  readonly objects: ObjectStore | undefined
}

export interface ObjectStore {
  /** Base address; buckets are the first segment of its paths. */
  readonly endpoint: URL
  readonly region: string
  /** Undefined: objects that everybody may read. */
  readonly credentials: SigningCredentials | undefined
  readonly fetchDocument: FetchDocument
  readonly clock: Clock
}

const OBJECT = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.{1,1024})$/s

/** What `look` says of an object that is not there. */
const ABSENT = 'absent'
/** RFC 9110 §8.8.3; bounded, as it is kept. */
const TAG = /^(?:W\/)?"[\x21\x23-\x7e]{0,200}"$/

export function truststoreSource({ folder, objects }: TruststoreSourceParts): TruststoreSource {
  return {
    read: async (uri, objectVersion) => {
      if (uri.startsWith('file:')) return ofFile(folder, uri, readSmall)
      return readObject(objects, uri, objectVersion)
    },
    look: async (uri, known) => {
      if (uri.startsWith('file:')) return (await ofFile(folder, uri, markOfFile)) ?? ABSENT
      return lookAtObject(objects, uri, known)
    },
  }
}

/** What `ask` makes of a file that may be read; undefined: there is none. */
async function ofFile(
  folder: string | undefined,
  uri: string,
  ask: (file: string) => Promise<string>,
): Promise<string | undefined> {
  if (folder === undefined) {
    throw new TruststoreError(`${uri} is not read: no folder is named by --truststore-folder`)
  }
  try {
    const [root, file] = await Promise.all([realpath(folder), realpath(fileURLToPath(uri))])
    if (file.startsWith(root + path.sep)) return await ask(file)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new TruststoreError(`${uri} cannot be read: ${(thrown as Error).message}`)
  }
  throw new TruststoreError(`${uri} is not read: it is not in the folder of --truststore-folder`)
}

/** A truststore is a file of bounded size; anything else would be read for ever. */
async function readSmall(file: string): Promise<string> {
  const facts = await stat(file)
  if (!facts.isFile() || facts.size > TRUSTSTORE_BYTES_MAX) {
    throw new Error(`it is no file of at most ${TRUSTSTORE_BYTES_MAX} bytes`)
  }
  return readFile(file, 'latin1')
}

async function markOfFile(file: string): Promise<string> {
  const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true })
  return `${file} ${ino} ${size} ${mtimeNs} ${ctimeNs}`.replaceAll('\n', ' ')
}

async function readObject(
  store: ObjectStore | undefined,
  uri: string,
  objectVersion: string | undefined,
): Promise<string | undefined> {
  const answer = await askFor(store, uri, { objectVersion })
  if (answer.kind === 'document') return answer.text
  if (answer.status === 404) return undefined
  throw unreadable(uri, answer.reason)
}

/** The object is sent only where it has another tag than before; a store without tags sends it each time. */
async function lookAtObject(
  store: ObjectStore | undefined,
  uri: string,
  known: string | undefined,
): Promise<string> {
  const tag = known !== undefined && TAG.test(known) ? known : undefined
  const answer = await askFor(store, uri, { tag })
  if (answer.kind === 'document') {
    const { etag = '', text } = answer
    return TAG.test(etag) ? etag : createHash('sha256').update(text).digest('hex')
  }
  if (answer.status === 404) return ABSENT
  if (answer.status === 304 && tag !== undefined) return tag
  throw unreadable(uri, answer.reason)
}

interface Asked {
  readonly objectVersion?: string | undefined
  /** Is not sent again if it has this one. */
  readonly tag?: string | undefined
}

async function askFor(
  store: ObjectStore | undefined,
  uri: string,
  { objectVersion, tag }: Asked,
): Promise<FetchedDocument> {
  const [, bucket, key] = OBJECT.exec(uri) ?? []
  if (bucket === undefined || key === undefined) {
    throw new TruststoreError(`A truststore is s3://bucket/key or file:///path, not ${uri}`)
  }
  if (store === undefined) {
    throw new TruststoreError(`${uri} is not read: no object store is named by --s3-endpoint`)
  }
  const url = urlOf(store.endpoint, { bucket, key, objectVersion })
  const condition = tag === undefined ? [] : [['if-none-match', tag] as const]
  const headers = [...fieldsOf(store, url), ...condition]
  return store.fetchDocument({ url, reach: 'any', headers })
}

function unreadable(uri: string, reason: string): TruststoreError {
  return new TruststoreError(`${uri} cannot be read: ${reason}`)
}

interface StoredObject {
  readonly bucket: string
  readonly key: string
  readonly objectVersion: string | undefined
}

function urlOf(endpoint: URL, { bucket, key, objectVersion }: StoredObject): URL {
  const query = objectVersion === undefined ? '' : `?versionId=${encodeURIComponent(objectVersion)}`
  const url = new URL(endpoint)
  const base = url.pathname.replace(/\/$/, '')
  url.pathname = `${base}/${bucket}/${encodePath(key)}`
  url.search = query
  // A URL takes dot segments away: the object would be another one than was named.
  if (!url.pathname.startsWith(`${base}/${bucket}/`) || /(^|\/)\.{1,2}(\/|$)/.test(key)) {
    throw new TruststoreError(`The key ${key} of a truststore has dot segments`)
  }
  return url
}

function fieldsOf({ credentials, region, clock }: ObjectStore, url: URL) {
  if (credentials === undefined) return []
  const request = {
    method: 'GET',
    target: url.pathname + url.search,
    headers: [['host', url.host]] as [string, string][],
    body: Buffer.alloc(0),
  }
  const scope = { region, service: 's3', epochMs: clock.epochMs() }
  return signRequest(request, credentials, scope).filter(([name]) => name !== 'host')
}
