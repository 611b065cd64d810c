import type { Language } from '../analyzer/engine/language.ts'

const FOLDERS: Readonly<Record<Language, string>> = { en: 'rules/', zh: 'rules/zh/' }

/** Where the rules' pages of a language lie. */
export function folderOf(language: Language): URL {
  return new URL(FOLDERS[language], import.meta.url)
}
