/**
 * A user's own attributes: UpdateUserAttributes, and the code that proves a new address.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserAttributes.html
 */

import type {
  CodeDeliveryDetailsType,
  GetUserAttributeVerificationCodeRequest,
  GetUserAttributeVerificationCodeResponse,
  UpdateUserAttributesRequest,
  UpdateUserAttributesResponse,
  VerifyUserAttributeRequest,
} from '@aws-sdk/client-cognito-identity-provider'
import { type CodePurpose, codeKey, newCode, sendCode } from '../../identity/user-pools/codes.ts'
import { type Contact, deliveryTo } from '../../identity/user-pools/messages-out.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import { type DecideContext, type Decision, decide } from '../service.ts'
import { changedAttributes } from './attributes.ts'
import { countSending, proveCode, sendingCode } from './code-check.ts'
import { firstOf } from './contacts.ts'
import { invalid } from './found.ts'
import { changeUser, requireSelf } from './self.ts'

type ContactName = Contact['attribute']

export function verifyAttributeOperations(pools: UserPools) {
  return {
    UpdateUserAttributes: decide<UpdateUserAttributesRequest, UpdateUserAttributesResponse>(
      (request, context) => updateAttributes(pools, request, context),
    ),
    GetUserAttributeVerificationCode: decide<
      GetUserAttributeVerificationCodeRequest,
      GetUserAttributeVerificationCodeResponse
    >((request, context) => sendVerification(pools, request, context)),
    VerifyUserAttribute: decide<VerifyUserAttributeRequest, object>((request, context) =>
      verifyAttribute(pools, request, context),
    ),
  }
}

async function updateAttributes(
  pools: UserPools,
  { AccessToken, UserAttributes: changes = [] }: UpdateUserAttributesRequest,
  context: DecideContext,
): Promise<Decision<UpdateUserAttributesResponse>> {
  const { known, user } = await requireSelf(pools, context, AccessToken)
  const { pool, client } = known
  const after = changedAttributes(pool, user, { changes, client })
  const { AutoVerifiedAttributes: verified = [] } = pool
  const changed = (['email', 'phone_number'] as const).filter(
    (name) => verified.includes(name) && after[name] && after[name] !== user.attributes[name],
  )
  for (const name of changed) {
    countSending({ pools, known, context, isAdmin: false }, `verify ${user.username} ${name}`)
  }
  const sealer = await pools.sealer()
  const codes = changed.map((attribute) => ({
    contact: { attribute, value: after[attribute]! },
    code: newCode(),
  }))
  return {
    commit: async (writing) => {
      await changeUser(writing, { pool, user }, (now) => ({
        attributes: changedAttributes(pool, now, { changes, client }),
      }))
      const { records, now, newId } = writing
      const { username } = user
      const CodeDeliveryDetailsList: CodeDeliveryDetailsType[] = []
      for (const { contact, code } of codes) {
        const purpose = purposeOf(contact.attribute)
        await sendCode(records, { pool, username, purpose, contact, code, sealer, now, newId })
        CodeDeliveryDetailsList.push(deliveryTo(contact))
      }
      return { CodeDeliveryDetailsList }
    },
  }
}

async function sendVerification(
  pools: UserPools,
  { AccessToken, AttributeName }: GetUserAttributeVerificationCodeRequest,
  context: DecideContext,
): Promise<Decision<GetUserAttributeVerificationCodeResponse>> {
  const { known, user } = await requireSelf(pools, context, AccessToken)
  const attribute = contactName(AttributeName)
  const contact = firstOf(user, [attribute])
  if (contact === undefined) throw invalid(`User does not have the attribute ${attribute}.`)
  const call = { pools, known, context, isAdmin: false }
  const { username } = user
  countSending(call, `verify ${username} ${attribute}`)
  return sendingCode(call, { username, purpose: purposeOf(attribute), contact })
}

async function verifyAttribute(
  pools: UserPools,
  { AccessToken, AttributeName, Code: code = '' }: VerifyUserAttributeRequest,
  context: DecideContext,
): Promise<Decision<object>> {
  const { known, user } = await requireSelf(pools, context, AccessToken)
  const attribute = contactName(AttributeName)
  const purpose = purposeOf(attribute)
  const call = { pools, known, context, isAdmin: false }
  const record = await proveCode(call, user, { purpose, code })
  const { pool } = known
  return {
    commit: async (writing) => {
      await changeUser(writing, { pool, user }, ({ attributes }) => {
        // The code proves the address that it was sent to, and no other.
        if (attributes[attribute] !== record.attribute?.value) {
          throw invalid('The address has changed since the code was sent.')
        }
        return { attributes: { ...attributes, [`${attribute}_verified`]: 'true' } }
      })
      await writing.records.delete(codeKey(pool.Id, user.username, purpose))
      return {}
    },
  }
}

function contactName(name: string | undefined): ContactName {
  if (name === 'email' || name === 'phone_number') return name
  throw invalid('AttributeName must be email or phone_number.')
}

function purposeOf(attribute: ContactName): CodePurpose {
  return `verify-${attribute}`
}
