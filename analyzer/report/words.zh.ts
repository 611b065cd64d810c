import { formatBytes } from '../text/formatBytes.ts'
import { formatCount } from '../text/formatCount.ts'
import { spaced } from '../text/spaced.ts'
import type { ReportWords } from './words.ts'

/** The reports in simplified Chinese. Names of components, kernel terms and keys of the API stay as they are. */
export const chinese: ReportWords = {
  tag: 'zh-CN',

  listed,
  namedNodes: (nodes) => (nodes.length <= 4 ? listed(nodes) : `${formatCount(nodes.length)} 个节点`),
  sentences: (sentences) => sentences.join(''),
  names: (items) => items.join('、'),
  clauses: (clauses) => clauses.join('，'),
  bytes: (count) => formatBytes(count).replace(/bytes?$/, '字节'),
  moreCharacters: (count) => `（另有 ${formatCount(count)} 个字符）`,

  areas: {
    addresses: '地址',
    routing: '路由',
    iptables: 'iptables',
    services: 'Service',
    ipvs: 'IPVS',
    cni: 'CNI',
    conntrack: 'conntrack',
    certificates: '证书',
    'control-plane': '控制面',
    runtime: '运行时与内核',
    configuration: '配置',
    evidence: '采集内容',
  },
  severities: { critical: '严重', high: '高', medium: '中', low: '低', info: '提示' },
  severityMeanings: {
    critical: '流量或 API 此刻已中断',
    high: '部分流量不通',
    medium: '性能下降，或即将出故障',
    low: '宜整改',
    info: '供参考',
  },
  confidences: { certain: '确定', likely: '很可能', possible: '可能' },
  confidenceMeanings: {
    certain: '采集到的状态自相矛盾，或与另一节点矛盾',
    likely: '一处采集显示该状态，另一处显示其后果',
    possible: '无法排除无害的解释',
  },
  statuses: {
    ok: '正常',
    empty: '空',
    absent: '节点上没有',
    denied: '无权限',
    timeout: '超时',
    truncated: '被截断',
    failed: '失败',
    withheld: '有意未采集',
    damaged: '已损坏',
  },

  headline: {
    noBundle: '没有可以读取的采集包',
    faults: (count, where) => `${on(where)}有 ${formatCount(count)} 项故障`,
    causes: (causes, findings, where) =>
      `${on(where)}的 ${formatCount(findings)} 项问题源于 ${formatCount(causes)} 个根因`,
    nothingChecked: (nodes) => `${nodeCount(nodes)}上没有一项检查能够进行`,
    nothingWrong: (nodes) => `${nodeCount(nodes)}上未发现问题`,
    nothingUrgent: (nodes, minor) =>
      `${nodeCount(nodes)}上未发现紧急问题，有 ${formatCount(minor)} 项次要问题`,
    unchecked: (verdict, checks) => `${verdict}；有 ${formatCount(checks)} 项检查无法进行`,
  },

  bundle: {
    incomplete: (id) => `${id} 的采集包不完整。`,
    about: (id) => `关于 ${id} 的采集包：`,
    problemOf: (sentence, files, count) => {
      const named = files.join('、')
      const all = count > files.length ? `共 ${formatCount(count)} 个文件：${named} 等` : named
      return `${sentence.replace(/。$/, '')}（${all}）。`
    },
    notRead: (file) => `${file} 未读取。`,
  },

  finding: {
    grade: (confidence, where) => ` · ${confidence} · ${where}`,
    byRule: (rule) => ` · 规则 ${rule}`,
    severity: '严重程度',
    confidence: '可信度',
    nodes: () => '节点',
    rule: '规则',
    evidence: '证据',
    ruledOut: '已排除',
    remedy: '处置',
    verify: '验证',
    lead: (heading) => `${heading}：`,
    line: '行号 ',
    wholeFile: '整个文件',
    noteOfLine: (line, note) => (line > 0 ? `第 ${line} 行：${note}` : note),
    fileOf: (path, bundle) => `${bundle} 的 ${path}：`,
    moreLines: (count) => `报告中另有 ${formatCount(count)} 行`,
    explains: (label) => `由此引起 ${label}：`,
    explainsOthers: (count) => `由此引起的其他 ${formatCount(count)} 项问题`,
    explainsToo: (labels) => `由此还引起 ${listed(labels)}。`,
    explainedBy: (label) => `由 ${label} 引起。`,
    minor: (title, severity, confidence) => `${title}（${severity}，${confidence}）`,
  },

  suspicion: {
    heading: '可能的原因',
    noCause: '这是一个结果，而已发现的问题都不能解释它。',
    notLooked: (rule, reason) => `未能检查：“${rule}”（${reason}）。`,
    notLookedMore: (count) => `另有 ${formatCount(count)} 项未能检查。`,
    collect: '请补采缺少的内容后重新分析。',
    notThere: (rules) => `已检查且不存在：${rules.map((rule) => `“${rule}”`).join('、')}。`,
  },

  sections: {
    causes: () => '根因',
    found: '发现的问题',
    alsoFound: '其他发现',
    matrix: '检查范围',
    figures: '图示',
    unchecked: '无法进行的检查及原因',
    nothingUnchecked: '所有检查均已进行',
    sources: '采集来源',
    bundles: '采集包',
  },

  checks: {
    area: '方面',
    found: '有问题',
    partly: '正常，',
    notChecked: (count) => `${count} 项未检查`,
    cells: { unchecked: '未检查', clear: '正常', 'not-applicable': '不适用', nothing: '无此检查' },
    made: (clear, notApplicable) => `${formatCount(clear)} 项检查正常，${notApplicable} 项不适用`,
    allMade: (made) => `${made}，所有检查均已进行。`,
    missing: (made, count, reasons) => `${made}，${count} 项无法进行：${reasons.join('；')}。`,
    reason: (reason, checks, where) => `${reason}（${formatCount(checks)} 项检查，${where}）`,
    moreReasons: (count) => `另有 ${formatCount(count)} 种原因`,
    looked: (clear, notApplicable) =>
      `${formatCount(clear)} 项检查已进行且结果正常；${notApplicable} 项在此不适用。`,
    onNodes: (where) => `节点：${where}`,
    sharedReason: (reason, rules, nodes) => `${reason}（${rules.join('、')}；节点：${nodes.join('、')}）`,
  },

  header: {
    report: 'Coldcase 报告',
    collected: (time) => `，采集于 ${time}`,
    collectedBetween: (from, to) => `，采集于 ${from} 至 ${to} UTC`,
    lesserFindings: (count) => `${formatCount(count)} 项次要问题`,
    alsoExplains: (count) => ` · 引起其他 ${formatCount(count)} 项问题`,
    nodes: '节点',
    quietNodes: (count, othersAreNamed) => `${othersAreNamed ? '其余 ' : ''}${nodeCount(count)}没有问题`,
    nothingFound: '未发现问题',
    findings: (count) => `${formatCount(count)} 项问题`,
    checksNotMade: (count) => `，${formatCount(count)} 项检查未进行`,
    bundleIncomplete: '，采集包不完整',
  },

  sources: {
    of: (bundle) => `${bundle} 的采集来源`,
    count: (count) => `${formatCount(count)} 个来源`,
    withLosses: (count) => `${count} 个有缺失`,
    intro: '内容不完整的来源：',
    columns: { source: '来源及缺失内容', status: '状态', size: '大小' },
    cutOnNode: (size) => `在节点上被截去 ${size}`,
    beyondLimit: (size) => `超出上限 ${size}`,
    notUnderstood: (lines) => `${formatCount(lines)} 行无法识别`,
    unknownKind: (size) => `${size}，类型未知`,
    notRead: (size) => `${size} 未读取`,
  },

  bundleTable: {
    node: '节点',
    collected: '采集时间',
    sources: '来源',
    file: '文件',
    notKnown: '未知',
  },

  figures: {
    rulesPerNode: '各节点的 iptables 规则数',
    rules: (count, isOutlier) => `${formatCount(count)} 条${isOutlier ? '，与其他节点相差悬殊' : ''}`,
    certificates: '证书有效期',
    certificatesCaption: '证书有效期（前半年至后一年）',
    bundleTaken: (day) => `采集于 ${day}`,
    ends: {
      valid: (day) => `至 ${day}`,
      expiring: (day) => `${day} 到期`,
      expired: (day) => `${day} 已过期`,
      'not-yet-valid': (day) => `${day} 起生效`,
    },
    pools: '地址池用量',
    poolsCaption: '地址池：已分配的地址数',
    poolUse: (used, capacity, leaked) => {
      const use = `${formatCount(used)} / ${formatCount(capacity)}`
      return leaked > 0 ? `${use}，泄漏 ${formatCount(leaked)}` : use
    },
    moreNodes: (count) => `未画出：另有 ${nodeCount(count)}，规则较少。`,
    moreCertificates: (count) => `未画出：另有 ${formatCount(count)} 个证书，到期较晚。`,
    morePools: (count) => `未画出：另有 ${formatCount(count)} 个地址池，用量较低。`,
  },

  footer: {
    meanings: (subject, pairs) =>
      `${subject}：${pairs.map(([word, meaning]) => `${word}，${meaning}`).join('；')}。`,
    madeBy: (tool, version, bundles) =>
      `由 ${tool} ${version} 根据 ${formatCount(bundles)} 个采集包生成。一切判断均以采集包自身的时钟为准；时间为 UTC。`,
    collected: (time) => `采集于 ${time}`,
    timeUnknown: '采集时间未知',
  },

  copy: { offer: '复制', done: '已复制', selected: '已选中' },
  reportAt: (path) => `报告：${path}`,
}

function listed(items: readonly string[]): string {
  const last = items.at(-1) ?? ''
  return items.length < 2 ? last : `${items.slice(0, -1).join('、')} 和${spaced(last)}`
}

/** `node-1 上`, `5 个节点上`. */
function on(where: string): string {
  return /[^\p{Script=Han}]$/u.test(where) ? `${where} 上` : `${where}上`
}

function nodeCount(count: number): string {
  return `${formatCount(count)} 个节点`
}
