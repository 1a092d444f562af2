/** How the hosted pages of a pool or of one client look, as it stands in the store. */

export const CUSTOMIZATION_KIND = 'user-pool-customization'
/** The id of what holds for clients that have nothing of their own. */
export const EVERY_CLIENT = 'ALL'

export interface HostedCustomization {
  /** As it was written; `theme.ts` reads it. */
  readonly css?: string
  /** base64. */
  readonly image?: string
  readonly createdAt: string
  readonly modifiedAt: string
}

/** By its first bytes; undefined: neither PNG nor JPEG. */
export function logoType(image: Uint8Array): string | undefined {
  const head = Buffer.from(image.subarray(0, 8)).toString('hex')
  if (head === '89504e470d0a1a0a') return 'image/png'
  return head.startsWith('ffd8ff') ? 'image/jpeg' : undefined
}
