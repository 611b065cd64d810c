/** The id of a finding's element, made of the number the report gave it: `2.1` → `finding-2-1`. */
export function anchorOf(label: string): string {
  return `finding-${label.replace('.', '-')}`
}
