/** Settings of ACME: where the server is, and whom it may write to. */

import { url } from './text-values.ts'
import { quote, single, ValueError, type ValueType } from './value-type.ts'

/** An absolute https URL. */
export const httpsUrl: ValueType<string> = {
  ...url,
  read: (texts) => {
    const written = url.read(texts)
    if (new URL(written).protocol === 'https:') return written
    throw new ValueError(`must begin with https://, not ${quote(written)}`)
  },
}

/** Addresses of people, repeated. */
export const emails: ValueType<readonly string[]> = {
  ...single,
  placeholder: 'EMAIL',
  repeated: true,
  read: (texts) => {
    const other = texts.find((entry) => !/^[^\s@?,]{1,64}@[a-z\d.-]{1,253}$/i.test(entry))
    if (other === undefined) return texts
    throw new ValueError(`must be a mail address such as ops@example.com, not ${quote(other)}`)
  },
}
