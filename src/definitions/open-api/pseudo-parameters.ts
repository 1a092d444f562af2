/**
 * `${AWS::Region}`, `${AWS::AccountId}` and `${AWS::Partition}`: filled in at import, so that one definition names the
 * functions and roles of every account that it is imported to.
 */

export interface Owner {
  readonly accountId: string
  readonly region: string
}

export function fillPseudoParameters(text: string, { accountId, region }: Owner): string {
  if (!text.includes('${AWS::')) return text
  return text
    .replaceAll('${AWS::AccountId}', accountId)
    .replaceAll('${AWS::Region}', region)
    .replaceAll('${AWS::Partition}', partitionOf(region))
}

/** https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}
