/** A text that was seen, what is kept of it, and the one that came behind it last time. */
interface Known<T> {
  readonly text: string
  readonly kept: T
  next: Known<T> | undefined
}

/**
 * Tells whether a text was seen before, for inputs that repeat a few texts in turn tens of thousands of times: the text that is
 * expected next is compared first, which is quicker than a look-up by the hash of a whole line.
 */
export class CopyMemo<T> {
  private readonly byText = new Map<string, Known<T>>()
  private last: Known<T> | undefined

  /** What was kept of the same text; undefined when it is new. */
  find(text: string): T | undefined {
    const expected = this.last?.next
    const known = expected?.text === text ? expected : this.byText.get(text)
    if (known) this.follow(known)
    return known?.kept
  }

  /** Remembers a new text, which must have memory of its own (`detach`). */
  keep(text: string, kept: T): void {
    const known = { text, kept, next: undefined }
    this.byText.set(text, known)
    this.follow(known)
  }

  private follow(known: Known<T>): void {
    if (this.last) this.last.next = known
    this.last = known
  }
}
