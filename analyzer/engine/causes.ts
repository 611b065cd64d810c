import type { Subject } from './verdict.ts'

/** One rule that explains another where both are about the same thing. */
export interface CauseLink {
  readonly cause: string
  readonly effect: string
  /** The kind of subject that both must share. */
  readonly sharing: SubjectKind
}

type SubjectKind = Subject extends `${infer Kind}:${string}` ? Kind : never

/** A finding as far as linking needs it. */
export interface Linkable {
  readonly id: string
  readonly rule: string
  readonly about: readonly Subject[]
}

/** Which findings each finding explains, and is explained by. */
export interface Links {
  readonly explains: ReadonlyMap<string, readonly string[]>
  readonly causedBy: ReadonlyMap<string, readonly string[]>
}

/**
 * Joins causes with effects by the table: the finding of a cause explains every finding of its effect that is about the same
 * subject. A finding never explains itself or what explains it: where the table would close a circle, the first link stands.
 */
export function linkCauses(findings: readonly Linkable[], table: readonly CauseLink[]): Links {
  const explains = new Map<string, string[]>()
  const causedBy = new Map<string, string[]>()
  for (const link of table) {
    for (const cause of findings.filter(({ rule }) => rule === link.cause)) {
      for (const effect of findings.filter(({ rule }) => rule === link.effect)) {
        if (!sharesSubject(cause, effect, link.sharing) || reaches(explains, effect.id, cause.id)) continue
        append(explains, cause.id, effect.id)
        append(causedBy, effect.id, cause.id)
      }
    }
  }
  return { explains, causedBy }
}

function sharesSubject(cause: Linkable, effect: Linkable, kind: SubjectKind): boolean {
  return cause.about.some((subject) => subject.startsWith(`${kind}:`) && effect.about.includes(subject))
}

/** Whether `to` is `from`, or is explained by it over any number of links. */
function reaches(explains: ReadonlyMap<string, readonly string[]>, from: string, to: string): boolean {
  const seen = new Set<string>()
  const open = [from]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === to) return true
    if (seen.has(id)) continue
    seen.add(id)
    open.push(...(explains.get(id) ?? []))
  }
  return false
}

function append(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else if (!list.includes(value)) list.push(value)
}
