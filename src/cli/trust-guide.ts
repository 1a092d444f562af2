/** How clients come to trust an authority: by system, by browser, by program. Commands that work as they stand. */

import type { Authority } from './ca.ts'

export function trustLines(authority: Authority): string[] {
  const { name, file, fingerprint, expires, signsFor } = authority
  return [
    `The ${name} authority of this installation, until ${expires.slice(0, 10)}`,
    `  file     ${file}`,
    `  SHA-256  ${fingerprint}`,
    '',
    ...adviceOf(authority),
    `It signs for ${signsFor}. Compare the fingerprint after the file has travelled.`,
    '',
    ...SECTIONS.flatMap(([title, lines]) => [title, ...lines(quoted(file)), '']),
    'To take it away again, remove the certificate where you have added it.',
  ]
}

function adviceOf({ name }: Authority): string[] {
  if (name === 'local') return []
  return [
    'Whoever trusts it believes this installation for EVERY name, those of banks as well. Add it to machines that only',
    'work behind this gateway, and to single programs rather than to whole systems.',
    '',
  ]
}

/** For a POSIX shell. */
function quoted(file: string): string {
  return /^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", `'\\''`)}'`
}

type Section = readonly [title: string, lines: (file: string) => readonly string[]]

const SECTIONS: readonly Section[] = [
  [
    'Linux (Debian, Ubuntu)',
    (file) => [
      `  sudo cp ${file} /usr/local/share/ca-certificates/postern.crt`,
      '  sudo update-ca-certificates',
    ],
  ],
  [
    'Linux (Fedora, RHEL)',
    (file) => [
      `  sudo cp ${file} /etc/pki/ca-trust/source/anchors/postern.pem`,
      '  sudo update-ca-trust',
    ],
  ],
  [
    'macOS',
    (file) => [
      `  sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ${file}`,
    ],
  ],
  ['Windows (as administrator)', (file) => [`  certutil -addstore -f ROOT ${file}`]],
  [
    'Chrome, Chromium and Edge on Linux (they have a store of their own; package libnss3-tools)',
    (file) => [`  certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n Postern -i ${file}`],
  ],
  [
    'Firefox',
    () => [
      '  Settings, Privacy & Security, View Certificates, Authorities, Import: choose the file, trust it for websites.',
      '  On Windows and macOS it takes those of the system.',
    ],
  ],
  [
    'Single programs, and nothing else',
    (file) => [
      `  curl --cacert ${file} https://localhost:8443/`,
      `  NODE_EXTRA_CA_CERTS=${file} node client.js`,
      `  SSL_CERT_FILE=${file} python3 client.py        # requests: REQUESTS_CA_BUNDLE`,
      `  AWS_CA_BUNDLE=${file} aws sts get-caller-identity`,
      `  keytool -importcert -cacerts -storepass changeit -noprompt -alias postern -file ${file}   # Java`,
    ],
  ],
]
