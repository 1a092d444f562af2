/**
 * What a definition says about the Api itself: `info`, `tags`, CORS, the default endpoint, as CreateApi would store it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-tag-value.html
 */

import type { Cors } from '@aws-sdk/client-apigatewayv2'
import type { ApiSettings } from '../../domain/http-api-definition.ts'
import { type LocatedValue, memberOf } from '../document/located-value.ts'
import { preview } from '../document/preview.ts'
import type { ImportRun } from './import-run.ts'

/** https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/tags-resource-arn.html */
const TAG_KEY = /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/iu
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u
const DESCRIPTION_CHARACTERS_MAX = 1024
const VERSION_CHARACTERS_MAX = 64

interface ReadBefore {
  readonly title: string
  readonly cors: Cors | undefined
  readonly disableExecuteApiEndpoint: boolean
}

export function readApiSettings(run: ImportRun, before: ReadBefore): ApiSettings {
  const description = readInfo(run, 'description', DESCRIPTION_CHARACTERS_MAX)
  const version = readInfo(run, 'version', VERSION_CHARACTERS_MAX)
  return {
    ...(before.cors === undefined ? {} : { CorsConfiguration: before.cors }),
    ...(description === undefined ? {} : { Description: description }),
    DisableExecuteApiEndpoint: before.disableExecuteApiEndpoint,
    Name: before.title,
    Tags: readTags(run),
    ...(version === undefined ? {} : { Version: version }),
  }
}

/** A text for people. Versions are easily written as numbers. */
function readInfo(run: ImportRun, name: string, charactersMax: number): string | undefined {
  const info = memberOf(run.root, 'info')
  const node = info && memberOf(info, name)
  const text = typeof node?.value === 'number' ? String(node.value) : node?.value
  if (typeof text !== 'string' || text === '') return undefined
  if (text.length > charactersMax && run.options.profile === 'aws') {
    run.problems.warn(node!.pointer, {
      code: 'info-too-long',
      message: `The ${name} has ${text.length} characters; AWS takes ${charactersMax}.`,
      mend: 'Shorten it.',
    })
  }
  return text
}

/**
 * Every tag of the definition becomes a tag of the Api, one without a value an empty one. Tags that only describe
 * groups of operations have any name and number: those that an Api cannot have are left out.
 */
function readTags(run: ImportRun): Record<string, string> {
  const tags = new Map<string, string>()
  const nodes = run.read.list(memberOf(run.root, 'tags')) ?? []
  const isValued = (node: LocatedValue) =>
    memberOf(node, 'x-amazon-apigateway-tag-value') !== undefined
  for (const node of nodes.filter(isValued)) addTag(run, tags, node)
  const most = run.options.limits.tagsPerResource
  for (const node of nodes) {
    const name = memberOf(node, 'name')?.value
    if (typeof name !== 'string' || isValued(node) || tags.size >= most) continue
    if (TAG_KEY.test(name) && !tags.has(name)) tags.set(name, '')
  }
  return Object.fromEntries(tags)
}

function addTag(run: ImportRun, tags: Map<string, string>, node: LocatedValue): void {
  const name = run.read.string(memberOf(node, 'name'))
  const value = run.read.string(memberOf(node, 'x-amazon-apigateway-tag-value'))
  if (name === undefined || value === undefined) return
  const most = run.options.limits.tagsPerResource
  if (TAG_KEY.test(name) && TAG_VALUE.test(value) && tags.size < most) {
    tags.set(name, value)
    return
  }
  run.problems.error(node.pointer, {
    code: 'tag-invalid',
    message:
      tags.size >= most
        ? `The API has more than ${most} tags.`
        : `The API cannot have the tag ${preview(name)} with the value ${preview(value)}.`,
    mend: 'Use letters, digits, spaces and _ . : / = + - @, none beginning with "aws:".',
  })
}
