/** Languages that reports are written in: English and simplified Chinese. */
export const LANGUAGES = ['en', 'zh'] as const

/** A language added to the list makes every missing sentence a compile error. */
export type Language = (typeof LANGUAGES)[number]

/** One thing said in every language. */
export type Sentence = Readonly<Record<Language, string>>
