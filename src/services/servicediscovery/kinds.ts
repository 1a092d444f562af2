/** Kinds of records of Cloud Map. */

export const NAMESPACE = 'discovery-namespace'
export const SERVICE = 'discovery-service'
/** Parent: the id of the service. */
export const INSTANCE = 'discovery-instance'
export const OPERATION = 'discovery-operation'

/** Those that change what a service answers with. */
export const SERVICE_KINDS: readonly string[] = [SERVICE, INSTANCE]
