/**
 * A sysctl's name as `sysctl -a` prints it: parts joined by dots, a dot inside a part (an interface `flannel.1`) as a
 * slash: `net.ipv4.conf.flannel/1.rp_filter`. sysctl.d(5): where the first separator of a name is a slash, slashes part
 * it and dots are meant; otherwise it is this form already.
 */
export function sysctlKey(text: string): string {
  const separator = /[./]/.exec(text)?.[0]
  if (separator !== '/') return text
  return text.replace(/[./]/g, (character) => (character === '/' ? '.' : '/'))
}
