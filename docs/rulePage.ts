import type { Rule } from '../analyzer/engine/defineRule.ts'

/** A rule's page: docs/rules/<id>.md, made of the rule's own words. */
export function rulePage(rule: Rule): string {
  const { name, looksFor, why, mimics, cure } = rule.explain('en')
  const alike = mimics.length === 0 ? 'Nothing known.' : mimics.map((mimic) => `- ${mimic}`).join('\n')
  return `# ${rule.id}

${name}. Area: ${rule.area}. Usual severity: ${rule.severity}.

## What it looks for

${looksFor}

## Why it matters

${why}

## What looks alike and is harmless

${alike}

## How to cure it

${cure}
`
}

/** The list of all rules: docs/rules/README.md. */
export function ruleIndex(rules: readonly Rule[]): string {
  const rows = rules.map(
    (rule) =>
      `| [${rule.id}](${rule.id}.md) | ${rule.area} | ${rule.severity} | ${rule.explain('en').name} |`,
  )
  return `# Rules

Made from the rules' own words by \`npm run docs\`.

| rule | area | usual severity | what is wrong |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}
