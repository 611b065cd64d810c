/** Something that the user must mend before anything can be done; its message is shown as it is. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
