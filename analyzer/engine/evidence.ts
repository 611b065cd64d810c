/** A line that proves something: where it stands, word for word, and what to see in it. */
export interface Evidence {
  /** Id of the bundle it stands in. */
  readonly bundle: string
  /** Path inside the bundle. */
  readonly path: string
  /** Counted from 1; 0 where the whole file is the evidence. */
  readonly line: number
  readonly text: string
  readonly note?: string
}

/** A line cited by a rule; its note is named, and worded by the rule's text module. */
export interface Citation<Note extends string = string> extends Omit<Evidence, 'note'> {
  readonly note?: { readonly key: Note; readonly value: string }
}

/** The same line with a note from the rule's text module; `value` fills the note's sentence. */
export function withNote<Note extends string>(
  evidence: Evidence,
  key: Note,
  value: string | number = '',
): Citation<Note> {
  const { bundle, path, line, text } = evidence
  return { bundle, path, line, text, note: { key, value: String(value) } }
}
