/**
 * An entry of the allow-list of a link, as people write it: `HOST:PORT[/PATH][@API/STAGE]`.
 *
 * Strict, because a list that means something else than its author thinks lets something in: names in lower case,
 * paths canonical, and no wildcard but a leading `*.`.
 */

import { isIP } from 'node:net'
import { ServiceError } from '../../aws/service-error.ts'
import type { LinkAllowance } from '../../domain/link.ts'

const FORM =
  /^(\[[0-9a-f:.]+\]|[^\s:/@[\]]+):(\d{1,5})(\/[^\s@]*)?(?:@([a-z0-9]+\/(?:\$default|[\w-]{1,128})))?$/
const LABEL = '[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?'
const HOST = new RegExp(`^(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`)
const SEGMENT = /^[\w.~!$&'()*+,;=:-]+$/
const TEXT_LENGTH_MAX = 1_024

/** Throws a ServiceError that says what is wrong. */
export function parseAllowance(text: string): LinkAllowance {
  const parts = text.length > TEXT_LENGTH_MAX ? null : FORM.exec(text)
  if (parts === null) throw wrong(text, 'It must be HOST:PORT[/PATH][@API/STAGE]')
  const [, host = '', digits, path = '/', stage] = parts
  const port = Number(digits)
  const bare = host.replace(/^\[|\]$/g, '')
  if (port < 1 || port > 65_535) throw wrong(text, 'A port is a number from 1 to 65535')
  if (isIP(bare) === 0 && !isName(host)) {
    throw wrong(text, 'A host is a name in lower case, *. and a name, or an address')
  }
  const pathPrefix = path.replace(/(?<=[^/])\/$/, '')
  if (!isCanonical(pathPrefix)) {
    throw wrong(text, 'A path has plain segments: no //, no dots alone, nothing percent-encoded')
  }
  return { host: bare, port, pathPrefix, ...(stage === undefined ? {} : { stage }) }
}

export function formatAllowance({ host, port, pathPrefix, stage }: LinkAllowance): string {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const path = pathPrefix === '/' ? '' : pathPrefix
  return `${authority}${path}${stage === undefined ? '' : `@${stage}`}`
}

/** What looks like an address and is none (`127.1`, `0x7f.1`) is no name either: resolvers take it for one. */
function isName(host: string): boolean {
  const last = host.slice(host.lastIndexOf('.') + 1)
  return host.length <= 253 && HOST.test(host) && !/^(?:\d+|0x[\da-f]*)$/.test(last)
}

function isCanonical(path: string): boolean {
  if (path === '/') return true
  return path
    .slice(1)
    .split('/')
    .every((segment) => SEGMENT.test(segment) && !/^\.\.?$/.test(segment))
}

function wrong(text: string, mend: string): ServiceError {
  const shown = JSON.stringify(text.slice(0, 100))
  return new ServiceError('BadRequestException', `Invalid allowance specified: ${shown}. ${mend}.`)
}
