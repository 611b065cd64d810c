/** Names in a Chinese sentence: `a`、`a 和 b`、`a、b 和 c`; beyond `most` all are counted: `a、b 等 9 个`. */
export function joinChinese(names: readonly string[], most = 4): string {
  if (names.length > most) return `${names.slice(0, most - 1).join('、')} 等 ${names.length} 个`
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join('、')} 和 ${last}`
}
