import type { Language } from '../engine/language.ts'

/** The headings under which a rule tells of itself, on the terminal and on its page. */
export interface ExplanationWords {
  readonly why: string
  readonly consequences: string
  readonly looksFor: string
  readonly commonCauses: string
  readonly cure: string
  readonly mimics: string
  readonly nothingKnown: string
  readonly references: string
  /** Area and severity, in their own words. */
  readonly kind: (area: string, severity: string) => string
}

const words: Readonly<Record<Language, ExplanationWords>> = {
  en: {
    why: 'Why it matters',
    consequences: 'What it does',
    looksFor: 'What it looks for in the bundle',
    commonCauses: 'What brings it about',
    cure: 'How to cure it',
    mimics: 'When it is not a fault',
    nothingKnown: 'Nothing known.',
    references: 'Where the knowledge comes from',
    kind: (area, severity) => `Area: ${area}. Usual severity: ${severity}.`,
  },
  zh: {
    why: '原理',
    consequences: '影响',
    looksFor: '在采集包中查找什么',
    commonCauses: '常见原因',
    cure: '如何处置',
    mimics: '哪些情况不是故障',
    nothingKnown: '目前未知。',
    references: '依据',
    kind: (area, severity) => `方面：${area}。通常的严重程度：${severity}。`,
  },
}

/** The headings of a language. */
export function explanationWords(language: Language): ExplanationWords {
  return words[language]
}
