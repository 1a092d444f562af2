/** Kinds of records of Elastic Load Balancing. */

export const LOAD_BALANCER = 'load-balancer'
/** Parent: the path of the load balancer. */
export const LISTENER = 'load-balancer-listener'
/** Parent: the path of the listener. */
export const RULE = 'load-balancer-rule'
export const TARGET_GROUP = 'target-group'

export const ELB_KINDS: readonly string[] = [LOAD_BALANCER, LISTENER, RULE, TARGET_GROUP]
