/** Texts that try to be markup, script, style or a link, after the OWASP cheat sheet on filter evasion. */
export const markupPayloads: readonly string[] = [
  '<img src=x onerror=alert(1)>',
  '</script><script>alert(1)</script>',
  '</style><script>alert(1)</script>',
  '</title><svg onload=alert(1)>',
  '"><script>alert(1)</script>',
  "' onmouseover='alert(1)",
  '" onfocus="alert(1)" autofocus="',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<link rel=stylesheet href=//192.0.2.1/x.css>',
  '<base href=//192.0.2.1/>',
  '<meta http-equiv=refresh content=0;url=//192.0.2.1>',
  '<!--<img src=--><img src=x onerror=alert(1)>',
  '<![CDATA[<img src=x onerror=alert(1)>]]>',
  '&lt;img src=x onerror=alert(1)&gt;',
  '<details open ontoggle=alert(1)>',
  '<math><mtext></table><mglyph><style><img src=x onerror=alert(1)>',
  '\u0000<script>alert(1)</script>',
  '${alert(1)}',
  'javascript:alert(1)',
]

/** Texts that try to steer a terminal, or to hide or turn what stands beside them. */
export const controlPayloads: readonly string[] = [
  '\x1b[2J\x1b[31mred',
  '\x1b]8;;https://192.0.2.1\x07link\x1b]8;;\x07',
  '\x1b]52;c;YWxlcnQ=\x07',
  '\u009b31mC1 sequence',
  'a\r\nb\tc\bd\x7f',
  'user\u202etxt.exe',
  'eth\u200b0',
  '\u{e0061}\u{e0062} tags',
  '\ud800 half a pair',
]

/** Texts that Markdown or a forge would make a link, image, mention, heading, list, table or markup of. */
export const markdownPayloads: readonly string[] = [
  '![beacon](https://192.0.2.1/x.png)',
  '[click](javascript:alert(1))',
  'https://192.0.2.1/x www.example.com a@example.com',
  '@everyone #123 GH-12 org/repo#1 deadbeefcafe',
  '| a | b |',
  '<details><summary>x</summary>',
  '# heading',
  '1. list',
  '- list',
  '> quote',
  '``` fence ```` longer',
  '`code` ``code``',
  '**bold** __bold__ ~~struck~~ :tada:',
  '[ref]: https://192.0.2.1',
  '---',
  '&lt;img&gt; &#60;b&#62;',
  '\\`escaped\\`',
]

/** Characters that steer a terminal or hide something, but for those that are allowed. */
export function steeringCharacters(text: string, allowed: string): readonly string[] {
  return [...text.matchAll(/[\p{Cc}\p{Cf}]/gu)]
    .map(([character]) => character)
    .filter((it) => !allowed.includes(it))
}
