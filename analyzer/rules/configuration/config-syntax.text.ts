import type { RuleText, RuleTexts } from '../../engine/ruleText.ts'
import type { ConfigFault } from '../../facts/node/configFiles.ts'
import type { ConfigGrammar, ConfigReader } from '../../facts/node/configReader.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What is wrong at one place. */
export type FaultName = ConfigFault['code'] | 'byte-order-mark'

/** What was found: a configuration file that its reader refuses, or takes otherwise than it was meant. */
export interface ConfigSyntax {
  readonly node: string
  /** On the node. */
  readonly path: string
  /** Who reads it: `kubelet`. */
  readonly reader: string
  readonly grammar: ConfigGrammar
  readonly effect: ConfigReader['effect']
  /** The reader refuses the file as a whole. */
  readonly isRefused: boolean
  /** The reader said so in its log. */
  readonly isLogged: boolean
  /** In the order of the file; none where the file was not captured and only the log tells. */
  readonly faults: readonly { readonly name: FaultName; readonly line: number; readonly column: number }[]
}

type Reason = 'noFiles'
type Note = FaultName | 'log'
type Words = RuleText<ConfigSyntax, Reason, Note>

/** Notes are handed a column and what more there is to say, parted by a tab. */
const noteWith =
  (word: (column: string, detail: string) => string) =>
  (value: string): string => {
    const [column = '', detail = ''] = value.split('\t')
    return word(column, detail)
  }

const CHECKS: Partial<Record<ConfigGrammar, (path: string) => string>> = {
  json: (path) => `python3 -m json.tool ${path} >/dev/null`,
  yaml: (path) => `python3 -c 'import sys,yaml; list(yaml.safe_load_all(open(sys.argv[1])))' ${path}`,
  toml: (path) => `python3 -c 'import sys,tomllib; tomllib.load(open(sys.argv[1],"rb"))' ${path}`,
  sysctl: (path) => `sysctl -p ${path}`,
  'resolv.conf': () => 'getent ahosts example.com',
  hosts: (path) => `getent hosts; cat -A ${path}`,
}

function commandsOf({ path, grammar }: ConfigSyntax): readonly string[] {
  const quoted = shellQuote(path)
  if (grammar === 'systemd') return [`systemd-analyze verify ${quoted.replace(/\.d\/[^/]+$/, '')}`]
  const check = CHECKS[grammar]
  return check === undefined ? [] : [check(quoted)]
}

/** Shows what is not seen: tabs as ^I, carriage returns as ^M, other bytes as M-…. */
function showCommand({ path, faults }: ConfigSyntax): string {
  const line = faults[0]?.line ?? 1
  return `sed -n '${Math.max(1, line - 2)},${line + 2}p' ${shellQuote(path)} | cat -A`
}

const english: Words = {
  name: 'A configuration file breaks its own grammar',
  looksFor:
    'Every captured configuration file (k3s, rke2, kubelet, static pods, containerd, docker, CRI-O, CNI, systemd units, sysctl.d, resolv.conf, hosts), read strictly by the grammar of its reader; and the readers’ own complaints in the logs.',
  why: 'A component reads its configuration when it starts. A file with a tab in its indentation, a comma too many or quotes pasted from a web page is refused then, or a line of it is passed over without a word.',
  consequences:
    'Nothing happens while the component runs with what it read before; at its next start, often a reboot months later, it does not come up. A broken CNI file leaves the node NotReady, a broken static pod manifest takes that component away.',
  commonCauses: [
    'An edit by hand, checked by nothing before the restart.',
    'Lines pasted from a web page or a document, with its quotes, dashes and no-break spaces.',
    'A file that was written on Windows.',
  ],
  mimics: [
    'Templates ({{ }}, __KUBECONFIG_FILEPATH__): they are left out.',
    'Carriage returns at the ends of lines: YAML, JSON, TOML and systemd take them; only name servers in resolv.conf are told.',
    'JSON in place of YAML, with tabs: it is read as JSON.',
    'What the collector replaced by <withheld>: it counts as a value.',
  ],
  cure: 'Mend the line that is shown, check the file with a parser of its grammar, then restart the component that reads it.',
  title: (d) => {
    const [first] = d.faults
    if (first === undefined) return `${d.reader} on ${d.node} refused ${d.path}`
    const place = `line ${first.line}`
    if (d.isRefused) return `${d.path} on ${d.node} does not parse (${place})`
    return `${d.path} on ${d.node} is not read as it was meant (${place})`
  },
  summary(d) {
    if (d.faults.length === 0) {
      return `The log of ${d.node} says that ${d.path} was refused because of its syntax. The file itself was not captured. ${englishEffects[d.effect](d)}`
    }
    const more = d.faults.length === 1 ? '' : ` ${d.faults.length} places of it are wrong.`
    const logged = d.isLogged ? ` The log shows that it was refused.` : ''
    if (d.isRefused)
      return `${d.path} is no valid ${grammarName(d.grammar)}.${more}${logged} ${englishEffects[d.effect](d)}`
    return `${englishPassed(d)}${more}${logged}`
  },
  ruledOut: (d) =>
    d.faults.length === 0
      ? []
      : ['The file is no template, and nothing that was withheld stands at this place.'],
  remedy: (d) => [
    ...(d.faults.length === 0
      ? []
      : [
          {
            text: 'Look at the line with everything in it made visible, and type it anew.',
            commands: [showCommand(d)],
          },
        ]),
    { text: 'Check the file before anything is restarted.', commands: commandsOf(d) },
  ],
  verify: (d) => [{ text: 'The check is silent, and the reader takes the file.', commands: commandsOf(d) }],
  reasons: { noFiles: 'No configuration file was captured.' },
  notes: {
    'tab-indent': noteWith(
      (column) => `column ${column}: a tab in the indentation, which YAML does not allow`,
    ),
    indent: noteWith((column, detail) => `column ${column}: the indentation is wrong (${detail})`),
    'trailing-comma': noteWith((column) => `column ${column}: the comma before it has nothing behind it`),
    comment: noteWith((column) => `column ${column}: a comment, which this grammar does not have`),
    'duplicate-key': noteWith((column, detail) => `column ${column}: ${detail}`),
    'not-closed': noteWith((column, detail) => `column ${column}: not closed (${detail})`),
    'ends-early': noteWith((column) => `column ${column}: the file ends too early`),
    unexpected: noteWith((column, detail) => `column ${column}: ${detail}`),
    lookalike: noteWith(
      (column, detail) =>
        `column ${column}: ${detail}, which only looks like the ASCII character that is needed`,
    ),
    'byte-order-mark': noteWith(
      (column) => `column ${column}: a byte order mark (U+FEFF) in front of the text`,
    ),
    'carriage-return': noteWith(
      (column) => `column ${column}: a carriage return, which glibc takes for a part of the address`,
    ),
    log: () => 'the component refuses it',
  },
}

const englishEffects: Readonly<Record<ConfigSyntax['effect'], (d: ConfigSyntax) => string>> = {
  start: ({ reader, node }) => `${reader} on ${node} does not come up with it at its next start.`,
  pod: () =>
    'The kubelet does not run the pod of this manifest, or keeps the one from before until it restarts.',
  network: ({ node }) =>
    `The container runtime loads no network from it: new pods on ${node} get no address, and the node becomes NotReady.`,
  part: ({ reader }) => `${reader} passes the file over.`,
  line: () => 'The lines that are wrong are passed over.',
}

function englishPassed(d: ConfigSyntax): string {
  const [first] = d.faults
  if (first?.name === 'carriage-return') {
    return `The name server in ${d.path} on ${d.node} ends in a carriage return. glibc does not take it for an address and asks 127.0.0.1 instead; musl and Go do take it, so that some programs resolve names and others do not.`
  }
  if (first?.name === 'duplicate-key') {
    return `A key of ${d.path} on ${d.node} is there twice. Most readers take the last one without a word; strict ones refuse the file.`
  }
  if (first?.name === 'lookalike') {
    return `A character of ${d.path} on ${d.node} only looks like the one that is needed. It becomes a part of the value, or of the key, and ${d.reader} does not find what was meant.`
  }
  return `${d.path} on ${d.node} has a line that ${d.reader === 'resolver' ? 'the resolver' : d.reader} does not understand and passes over: what it asks for is not in force.`
}

function grammarName(grammar: ConfigGrammar): string {
  return grammar === 'yaml' || grammar === 'json' || grammar === 'toml' ? grammar.toUpperCase() : grammar
}

const chineseEffects: Readonly<Record<ConfigSyntax['effect'], (d: ConfigSyntax) => string>> = {
  start: ({ reader, node }) => `${node} 上的 ${reader} 下次启动时会因此失败。`,
  pod: () => 'kubelet 不会运行该清单中的 Pod，或者在重启前一直沿用旧的 Pod。',
  network: ({ node }) => `容器运行时无法从中加载网络：${node} 上新建的 Pod 得不到地址，节点变为 NotReady。`,
  part: ({ reader }) => `${reader} 会跳过这个文件。`,
  line: () => '出错的行会被忽略。',
}

function chinesePassed(d: ConfigSyntax): string {
  const [first] = d.faults
  if (first?.name === 'carriage-return') {
    return `${d.node} 的 ${d.path} 中 nameserver 行以回车符（CR）结尾。glibc 不认这个地址，转而查询 127.0.0.1；musl 和 Go 能识别，因此有的程序能解析域名，有的不能。`
  }
  if (first?.name === 'duplicate-key') {
    return `${d.node} 的 ${d.path} 中有一个键出现了两次。多数程序直接取最后一个，不给任何提示；严格的程序会拒绝整个文件。`
  }
  if (first?.name === 'lookalike') {
    return `${d.node} 的 ${d.path} 中有一个字符只是看起来像所需的字符。它会成为值或键的一部分，${d.reader} 读不到本来想写的内容。`
  }
  return `${d.node} 的 ${d.path} 中有一行 ${d.reader} 无法识别，直接跳过：这一行要求的设置没有生效。`
}

const chinese: Words = {
  name: '配置文件存在语法错误',
  looksFor:
    '采集到的每个配置文件（k3s、rke2、kubelet、静态 Pod、containerd、docker、CRI-O、CNI、systemd 单元、sysctl.d、resolv.conf、hosts），按其读取程序的语法严格解析；以及日志中组件自己的报错。',
  why: '组件只在启动时读取配置。缩进里有 Tab、多一个逗号、从网页粘贴来的引号，都会让文件在那时被拒绝，或者其中一行被悄悄跳过。',
  consequences:
    '组件仍用之前读到的配置运行时没有任何异常；下次启动（往往是几个月后的重启）时起不来。CNI 文件损坏会使节点 NotReady，静态 Pod 清单损坏会使对应组件消失。',
  commonCauses: [
    '手工修改后没有校验就重启。',
    '从网页或文档中粘贴，带入了中文引号、破折号、不换行空格。',
    '文件是在 Windows 上编辑的。',
  ],
  mimics: [
    '模板（{{ }}、__KUBECONFIG_FILEPATH__）：不作判断。',
    '行尾的回车符：YAML、JSON、TOML 和 systemd 都接受；只有 resolv.conf 的 nameserver 会报告。',
    '用 JSON 代替 YAML（含 Tab）：按 JSON 读取。',
    '采集脚本替换成 <withheld> 的内容：按普通值处理。',
  ],
  cure: '修正所示的行，用对应语法的解析器检查文件，再重启读取它的组件。',
  title: (d) => {
    const [first] = d.faults
    if (first === undefined) return `${d.node} 上的 ${d.reader} 拒绝了 ${d.path}`
    if (d.isRefused) return `${d.node} 的 ${d.path} 无法解析（第 ${first.line} 行）`
    return `${d.node} 的 ${d.path} 没有按预期被读取（第 ${first.line} 行）`
  },
  summary(d) {
    if (d.faults.length === 0) {
      return `${d.node} 的日志显示 ${d.path} 因语法错误被拒绝，但文件本身没有采集到。${chineseEffects[d.effect](d)}`
    }
    const more = d.faults.length === 1 ? '' : `共有 ${d.faults.length} 处错误。`
    const logged = d.isLogged ? '日志也显示它被拒绝。' : ''
    if (d.isRefused)
      return `${d.path} 不是合法的 ${grammarName(d.grammar)}。${more}${logged}${chineseEffects[d.effect](d)}`
    return `${chinesePassed(d)}${more}${logged}`
  },
  ruledOut: (d) => (d.faults.length === 0 ? [] : ['文件不是模板，出错处也没有被隐去的内容。']),
  remedy: (d) => [
    ...(d.faults.length === 0
      ? []
      : [{ text: '把该行的所有字符显示出来查看，然后重新输入。', commands: [showCommand(d)] }]),
    { text: '重启任何组件之前先检查文件。', commands: commandsOf(d) },
  ],
  verify: (d) => [{ text: '检查没有报错，组件能读取该文件。', commands: commandsOf(d) }],
  reasons: { noFiles: '没有采集到任何配置文件。' },
  notes: {
    'tab-indent': noteWith((column) => `第 ${column} 列：缩进中有 Tab，YAML 不允许`),
    indent: noteWith((column, detail) => `第 ${column} 列：缩进错误（${detail}）`),
    'trailing-comma': noteWith((column) => `第 ${column} 列：前面多了一个逗号`),
    comment: noteWith((column) => `第 ${column} 列：这种语法不支持注释`),
    'duplicate-key': noteWith((column, detail) => `第 ${column} 列：键重复（${detail}）`),
    'not-closed': noteWith((column, detail) => `第 ${column} 列：没有闭合（${detail}）`),
    'ends-early': noteWith((column) => `第 ${column} 列：文件提前结束`),
    unexpected: noteWith((column, detail) => `第 ${column} 列：语法错误（${detail}）`),
    lookalike: noteWith((column, detail) => `第 ${column} 列：${detail}，只是看起来像所需的 ASCII 字符`),
    'byte-order-mark': noteWith((column) => `第 ${column} 列：文件开头有字节顺序标记（U+FEFF）`),
    'carriage-return': noteWith((column) => `第 ${column} 列：回车符，glibc 把它当作地址的一部分`),
    log: () => '组件拒绝了它',
  },
}

/** The words of config-syntax. */
export const text: RuleTexts<ConfigSyntax, Reason, Note> = { en: english, zh: chinese }
