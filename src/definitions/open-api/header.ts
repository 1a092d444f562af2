/** The first lines of a definition: which language and version it is written in, and what the API is called. */

import { isObject, memberOf } from '../document/located-value.ts'
import { preview } from '../document/preview.ts'
import type { Finding } from '../document/problem-list.ts'
import type { ImportRun } from './import-run.ts'

const VERSIONS = /^3\.[01]\.\d+(?:-.+)?$/

/** AWS: the name of an API. */
const TITLE_CHARACTERS_MAX = 128

/** The API's name; undefined, with an error told, when nothing of the document can be trusted. */
export function readHeader(run: ImportRun): string | undefined {
  if (!isObject(run.root.value)) {
    run.problems.error('', NOT_OPENAPI)
    return undefined
  }
  const swagger = memberOf(run.root, 'swagger')
  if (swagger !== undefined) {
    run.problems.error(swagger.pointer, SWAGGER)
    return undefined
  }
  return checkVersion(run) ? readTitle(run) : undefined
}

function checkVersion(run: ImportRun): boolean {
  const version = memberOf(run.root, 'openapi')
  if (version === undefined) {
    run.problems.error('', isTemplate(run) ? TEMPLATE : NOT_OPENAPI)
    return false
  }
  if (typeof version.value === 'string' && VERSIONS.test(version.value)) return true
  run.problems.error(version.pointer, {
    code: 'openapi-version',
    message: `OpenAPI ${preview(version.value)} is not read; 3.0 and 3.1 are.`,
    mend: 'Write openapi: "3.0.3" or "3.1.0", in quotes.',
  })
  return false
}

/** CloudFormation requires `Resources`; SAM is CloudFormation. */
function isTemplate(run: ImportRun): boolean {
  return TEMPLATE_MEMBERS.some((name) => memberOf(run.root, name) !== undefined)
}

function readTitle(run: ImportRun): string | undefined {
  const info = memberOf(run.root, 'info')
  const title = info && memberOf(info, 'title')
  if (title === undefined || title.value === '') {
    run.problems.error(title?.pointer ?? info?.pointer ?? '', TITLE_MISSING)
    return undefined
  }
  const text = run.read.string(title)
  if (text !== undefined && text.length > TITLE_CHARACTERS_MAX && run.options.profile === 'aws') {
    run.problems.error(title.pointer, {
      code: 'title-too-long',
      message: `The title has ${text.length} characters; AWS allows ${TITLE_CHARACTERS_MAX}.`,
      mend: 'Shorten it, and move the rest to info.description.',
    })
  }
  return text
}

const NOT_OPENAPI: Finding = {
  code: 'openapi-missing',
  message: 'This is not an OpenAPI definition: it has no "openapi" version at its root.',
  mend: 'Begin the file with openapi: "3.0.3", info, and paths.',
}
const TEMPLATE_MEMBERS = ['AWSTemplateFormatVersion', 'Resources']
const TEMPLATE: Finding = {
  code: 'template-unsupported',
  message: 'This is a CloudFormation or SAM template; only OpenAPI definitions are read yet.',
  mend: 'Export the API from AWS (aws apigatewayv2 export-api), or save its Body as a file of its own.',
}
const SWAGGER: Finding = {
  code: 'swagger-unsupported',
  message: 'This is Swagger 2.0; HTTP APIs are imported from OpenAPI 3.',
  mend: 'Convert it to OpenAPI 3, for instance with the swagger2openapi package or editor.swagger.io.',
}
const TITLE_MISSING: Finding = {
  code: 'title-missing',
  message: 'The API has no name.',
  mend: 'Write info.title: the name of the API.',
}
