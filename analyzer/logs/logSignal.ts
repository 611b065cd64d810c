/** A kind of log line that a rule needs: how to know it quickly, and how to read it. */
export interface LogSignal {
  /** A noun of what the line reports. */
  readonly id: string
  /**
   * One of them stands in every such line, in the case it is logged in, without double quotes and backslashes (an embedding
   * format may escape those), at least six characters long: a line without any signal's keyword is passed over unread.
   */
  readonly keywords: readonly [string, ...string[]]
  /**
   * Sought in the message, where escaped quotes are bare. Its work grows linearly with the line; named groups are what the line
   * says. A group `count` is a number of lines that the writer kept to itself.
   */
  readonly pattern: RegExp
}
