import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findIssuerProblem } from './issuer.ts'

const GOOD = [
  'https://issuer.example',
  'https://issuer.example/',
  'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123',
  'https://10.0.0.7:8443/realms/shop',
  'http://localhost:8080/realms/shop',
  'http://login.localhost:9000',
  'http://127.0.0.1:1',
  'http://[::1]:1/a',
]
const BAD = [
  '',
  'issuer.example',
  'ftp://issuer.example',
  'http://issuer.example',
  'http://10.0.0.7',
  'http://localhost.example',
  'http://127.0.0.1.example',
  'http://[::2]',
  'https://issuer.example?tenant=a',
  'https://issuer.example#a',
  'https://issuer .example',
  'https://user:secret@issuer.example',
  'https:\\\\issuer.example',
]

for (const issuer of GOOD) {
  test(`${issuer} is an issuer`, () => assert.equal(findIssuerProblem(issuer), undefined))
}
for (const issuer of BAD) {
  test(`${JSON.stringify(issuer)} is none`, () => {
    assert.match(findIssuerProblem(issuer) ?? '', /^must /)
  })
}
