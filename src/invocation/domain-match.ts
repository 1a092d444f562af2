/** By which mapping or rule of a custom domain name a call has come; made when the domain is compiled, once for all calls. */
export interface DomainMatch {
  /** The domain name as it was set up: `api.example.com`, `*.example.com`. */
  readonly domainName: string
  /** The base path that the request's path begins with, without slashes around it; '' where any path would do. */
  readonly basePath: string
  /** Of the routing rule; '' for an API mapping. */
  readonly ruleId: string
}
