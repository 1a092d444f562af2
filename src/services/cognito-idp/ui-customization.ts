/**
 * How the hosted pages of a pool look: CSS of known classes and a logo, for the pool or for one client of it.
 *
 * The CSS is kept as it was written and parsed again when it is sent (`identity/hosted-pages/theme.ts`); what cannot be
 * parsed is refused here. A logo is PNG or JPEG, by its first bytes: SVG could hold scripts.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetUICustomization.html
 */

import type {
  GetUICustomizationRequest,
  GetUICustomizationResponse,
  SetUICustomizationRequest,
  SetUICustomizationResponse,
  UICustomizationType,
} from '@aws-sdk/client-cognito-identity-provider'
import {
  CUSTOMIZATION_KIND,
  EVERY_CLIENT,
  type HostedCustomization,
  logoType,
} from '../../identity/hosted-pages/customization.ts'
import { readTheme, ThemeRefused } from '../../identity/hosted-pages/theme.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { invalid, requireClient, requirePool } from './found.ts'

export function uiCustomizationOperations(pools: UserPools) {
  return {
    SetUICustomization: write<SetUICustomizationRequest, SetUICustomizationResponse>(
      async (request, context) => ({ UICustomization: await set(pools, request, context) }),
    ),
    GetUICustomization: read<GetUICustomizationRequest, GetUICustomizationResponse>(
      async (request, context) => ({ UICustomization: await get(pools, request, context) }),
    ),
  }
}

async function set(
  pools: UserPools,
  request: SetUICustomizationRequest,
  context: WriteContext,
): Promise<UICustomizationType> {
  const { parent, id } = await placeOf(request, context)
  const { CSS: css, ImageFile: image } = request
  if (css !== undefined) checkCss(css)
  if (image !== undefined) checkImage(image, context.settings.limits.hostedLogoBytes)
  const key = { kind: CUSTOMIZATION_KIND, parent, id }
  const before = (await context.records.get<HostedCustomization>(key))?.body
  const at = context.now.toISOString()
  const customization: HostedCustomization = {
    // What is left out stays as it is.
    ...(css === undefined ? pick(before, 'css') : { css }),
    ...(image === undefined
      ? pick(before, 'image')
      : { image: Buffer.from(image).toString('base64') }),
    createdAt: before?.createdAt ?? at,
    modifiedAt: at,
  }
  await context.records.put(key, customization)
  return shown(pools, { parent, id }, customization)
}

async function get(
  pools: UserPools,
  request: GetUICustomizationRequest,
  context: ReadContext,
): Promise<UICustomizationType> {
  const { parent, id } = await placeOf(request, context)
  for (const each of new Set([id, EVERY_CLIENT])) {
    const key = { kind: CUSTOMIZATION_KIND, parent, id: each }
    const found = await context.records.get<HostedCustomization>(key)
    if (found !== undefined) return shown(pools, { parent, id }, found.body)
  }
  return {}
}

async function placeOf(
  { UserPoolId, ClientId = EVERY_CLIENT }: GetUICustomizationRequest,
  context: ReadContext,
): Promise<{ readonly parent: string; readonly id: string }> {
  const { Id: parent } = await requirePool(context, UserPoolId)
  if (ClientId !== EVERY_CLIENT) await requireClient(context, { UserPoolId, ClientId })
  return { parent, id: ClientId }
}

function checkCss(css: string): void {
  try {
    readTheme(css)
  } catch (thrown) {
    throw thrown instanceof ThemeRefused ? invalid(thrown.message) : thrown
  }
}

function checkImage(image: Uint8Array, bytesMax: number): void {
  if (image.length > bytesMax) throw invalid(`The image has more than ${bytesMax} bytes.`)
  if (logoType(image) === undefined) throw invalid('The image has to be a PNG or a JPEG.')
}

function shown(
  pools: UserPools,
  { parent, id }: { readonly parent: string; readonly id: string },
  { css, image, createdAt, modifiedAt }: HostedCustomization,
): UICustomizationType {
  const of = id === EVERY_CLIENT ? '' : `?client_id=${id}`
  return {
    UserPoolId: parent,
    ClientId: id,
    ...(css === undefined ? {} : { CSS: css }),
    ...(image === undefined ? {} : { ImageUrl: `${pools.issuerOf(parent)}/login/logo${of}` }),
    CSSVersion: modifiedAt.replace(/\D/g, ''),
    CreationDate: new Date(createdAt),
    LastModifiedDate: new Date(modifiedAt),
  }
}

function pick<Name extends keyof HostedCustomization>(
  from: HostedCustomization | undefined,
  name: Name,
): Partial<Pick<HostedCustomization, Name>> {
  return from?.[name] === undefined
    ? {}
    : ({ [name]: from[name] } as Pick<HostedCustomization, Name>)
}
