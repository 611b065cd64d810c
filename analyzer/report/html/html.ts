import { visible } from '../../text/visible.ts'

/** Markup that is known to be safe, for it was made by `html`. */
export interface Html {
  readonly markup: string
}

/** What may stand in a template: text is escaped, markup is not, lists are joined, nothing stays nothing. */
export type Insertable = string | number | Html | undefined | readonly Insertable[]

/**
 * Template tag for HTML. Every inserted string is shown by `visible` and escaped, in text as in quoted attributes; a
 * template puts all its attributes into double quotes and inserts nothing into a script or style.
 */
export function html(template: TemplateStringsArray, ...values: readonly Insertable[]): Html {
  let markup = template[0] ?? ''
  for (const [index, value] of values.entries()) markup += markupOf(value) + (template[index + 1] ?? '')
  return { markup }
}

/** The product's own text (a style, a script) as markup. Never for anything that came from a bundle. */
export function ownMarkup(markup: string): Html {
  return { markup }
}

function markupOf(value: Insertable): string {
  if (value === undefined) return ''
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return escape(visible(value))
  if ('markup' in value) return value.markup
  return value.map(markupOf).join('')
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
])

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES.get(character) ?? character)
}
