/** The lines of a stage's access log have nowhere to go; the message says why. */
export class LogDestinationError extends Error {
  override name = 'LogDestinationError'
}
