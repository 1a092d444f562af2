/** Settings that may be given several times: named values, networks. */

import { isIP } from 'node:net'
import { quote, single, ValueError, type ValueType } from './value-type.ts'

/** `name=value`, repeated; a later one replaces an earlier one of the same name. */
export const pairs: ValueType<Readonly<Record<string, string>>> = {
  ...single,
  placeholder: 'NAME=VALUE',
  repeated: true,
  read: (texts) => {
    const found = new Map<string, string>()
    for (const entry of texts) {
      const equals = entry.indexOf('=')
      if (equals < 1) throw new ValueError(`must be written NAME=VALUE, not ${quote(entry)}`)
      found.set(entry.slice(0, equals), entry.slice(equals + 1))
    }
    return Object.fromEntries(found)
  },
}

/** Texts, one each time, as they are written. */
export function texts(placeholder: string): ValueType<readonly string[]> {
  return { ...single, placeholder, repeated: true, read: (given) => [...given] }
}

/** Addresses of link ports, repeated. */
export const gatewayUrls: ValueType<readonly string[]> = {
  ...single,
  placeholder: 'https://HOST:PORT',
  repeated: true,
  read: (given) =>
    given.map((written) => {
      const isAddress = /^https:\/\/(?:\[[\da-fA-F:.]+\]|[\w.-]+):\d{1,5}\/?$/.test(written)
      if (isAddress && URL.canParse(written)) return written
      throw new ValueError(`must be written https://HOST:PORT, not ${quote(written)}`)
    }),
}

/** `sha256:` and 64 hexadecimal digits, repeated; the digits are what counts. */
export const debugKeys: ValueType<readonly string[]> = {
  ...single,
  placeholder: 'sha256:DIGITS',
  repeated: true,
  read: (texts) =>
    texts.map((text) => {
      const [, digits] = /^sha256:([0-9a-f]{64})$/.exec(text) ?? []
      if (digits !== undefined) return digits
      throw new ValueError('must be sha256: and the 64 digits that sha256sum prints for the key')
    }),
}

/** `host:port=calls`, repeated. */
export const originCaps: ValueType<Readonly<Record<string, number>>> = {
  ...pairs,
  placeholder: 'HOST:PORT=CALLS',
  read: (texts) => {
    const caps: Record<string, number> = {}
    for (const [origin, calls] of Object.entries(pairs.read(texts))) {
      if (!/^[\w.:[\]-]+:\d{1,5}$/.test(origin) || !/^[1-9]\d{0,6}$/.test(calls)) {
        throw new ValueError(`must be written HOST:PORT=CALLS, not ${quote(`${origin}=${calls}`)}`)
      }
      caps[origin.toLowerCase()] = Number(calls)
    }
    return caps
  },
}

/** `id=host`, repeated. */
export const instances: ValueType<Readonly<Record<string, string>>> = {
  ...pairs,
  placeholder: 'ID=HOST',
  read: (texts) => {
    const hosts = pairs.read(texts)
    for (const [id, host] of Object.entries(hosts)) {
      if (/^i-[0-9a-z]{1,32}$/.test(id) && /^[\w.:-]{1,253}$/.test(host)) continue
      throw new ValueError(
        `must be written i-0123456789abcdef0=HOST, not ${quote(`${id}=${host}`)}`,
      )
    }
    return hosts
  },
}

/** Addresses and networks, repeated or separated by commas. */
export const networks: ValueType<readonly string[]> = {
  ...single,
  placeholder: 'CIDR',
  repeated: true,
  read: (texts) => {
    const found = texts.flatMap((entry) => entry.split(',')).filter((entry) => entry !== '')
    for (const network of found) if (!isNetwork(network)) throw notNetwork(network)
    return found
  },
}

/** Some of the words, repeated or separated by commas. */
export function words<const Word extends string>(
  known: readonly Word[],
): ValueType<readonly Word[]> {
  return {
    ...single,
    placeholder: known.join(','),
    repeated: true,
    words: known,
    read: (texts) => {
      const given = texts.flatMap((entry) => entry.split(',')).filter((entry) => entry !== '')
      const found = known.filter((word) => given.includes(word))
      const other = given.find((word) => !known.some((one) => one === word))
      if (other === undefined) return found
      throw new ValueError(`must be some of ${known.join(', ')}, not ${quote(other)}`)
    },
  }
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 6 ? 128 : 32))
  )
}

function notNetwork(text: string): ValueError {
  return new ValueError(`must be addresses or networks such as 10.0.0.0/8, not ${quote(text)}`)
}
