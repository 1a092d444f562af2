/**
 * Lengths, ranges and patterns of ACM's members, which the SDK package does not tell.
 *
 * https://docs.aws.amazon.com/acm/latest/APIReference/API_Operations.html
 */

import type { Constraints } from '../../aws/constraints.ts'
import type { Constraint } from '../../aws/service-model.ts'

const CertificateArn: Constraint = {
  length: [20, 2_048],
  pattern: 'arn:[\\w+=/,.@-]+:acm:[\\w+=/,.@-]*:[0-9]+:[\\w+=,.@-]+(\\/[\\w+=,.@-]+)*',
}
const ofOne = { CertificateArn }
const Tags: Constraint = { length: [1, 50] }

export const CONSTRAINTS: Constraints = {
  RequestCertificateRequest: {
    DomainName: { length: [1, 253] },
    SubjectAlternativeNames: { length: [1, 100], values: { length: [1, 253] } },
    IdempotencyToken: { length: [1, 32], pattern: '\\w+' },
    DomainValidationOptions: { length: [1, 100] },
    CertificateAuthorityArn: {
      length: [20, 2_048],
      pattern: 'arn:[\\w+=/,.@-]+:acm-pca:[\\w+=/,.@-]*:[0-9]+:[\\w+=,.@-]+(\\/[\\w+=,.@-]+)*',
    },
    Tags,
  },
  ImportCertificateRequest: {
    ...ofOne,
    Certificate: { length: [1, 32_768] },
    PrivateKey: { length: [1, 5_120] },
    CertificateChain: { length: [1, 2_097_152] },
    Tags,
  },
  DescribeCertificateRequest: ofOne,
  GetCertificateRequest: ofOne,
  DeleteCertificateRequest: ofOne,
  RenewCertificateRequest: ofOne,
  ExportCertificateRequest: { ...ofOne, Passphrase: { length: [4, 128] } },
  ListCertificatesRequest: {
    MaxItems: { range: [1, 1_000], integer: true },
    NextToken: { length: [1, 10_000] },
  },
  AddTagsToCertificateRequest: { ...ofOne, Tags },
  RemoveTagsFromCertificateRequest: { ...ofOne, Tags },
  ListTagsForCertificateRequest: ofOne,
  TagResourceRequest: { ResourceArn: CertificateArn, Tags },
  UntagResourceRequest: { ResourceArn: CertificateArn, TagKeys: { length: [1, 50] } },
  ListTagsForResourceRequest: { ResourceArn: CertificateArn },
  Tag: {
    Key: { length: [1, 128], pattern: '[\\p{L}\\p{Z}\\p{N}_.:\\/=+\\-@]*' },
    Value: { length: [0, 256], pattern: '[\\p{L}\\p{Z}\\p{N}_.:\\/=+\\-@]*' },
  },
}
