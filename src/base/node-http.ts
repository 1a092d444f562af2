/**
 * Node's own `http`, for what is no data plane: the ports of the main thread, calls to authorities.
 *
 * Not by `import`: the face that an import gives a built-in module reads each of its exports once, and reading
 * `http.WebSocket` loads all of undici: 83 ms of CPU instead of 7 (Node 24), at every start.
 */

export const nodeHttp: typeof import('node:http') = process.getBuiltinModule('node:http')
