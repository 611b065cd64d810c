import type { RuleTexts } from '../../engine/ruleText.ts'
import { howOften } from '../../text/howOften.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: a certificate beside a key that is not its own. */
export interface KeyMismatch {
  readonly node: string
  readonly count: number
  /** A file that the lines name. */
  readonly file?: string
}

function compare({ file = '/etc/kubernetes/pki/apiserver.crt' }: KeyMismatch): readonly string[] {
  const stem = file.replace(/\.[a-z]+$/, '')
  return [
    `openssl x509 -in ${shellQuote(`${stem}.crt`)} -noout -pubkey | sha256sum`,
    `openssl pkey -in ${shellQuote(`${stem}.key`)} -pubout | sha256sum`,
  ]
}

/** The words of certificate-key-mismatch. */
export const text: RuleTexts<KeyMismatch, 'noLog', 'refused'> = {
  en: {
    name: 'A certificate and its private key do not belong together',
    looksFor:
      'Log lines `tls: private key does not match public key`. Private keys are never collected, so that files cannot be compared.',
    why: 'A process that loads a certificate checks that the key beside it is its own; where it is not, it stops or serves nothing.',
    consequences: 'The component does not start, or starts over and over.',
    commonCauses: [
      'One file of the pair was restored or copied and the other was not.',
      'A certificate that was made anew for a new key, while the old key stayed.',
    ],
    mimics: ['A single line at a renewal, between the writing of the two files: possible only.'],
    cure: 'Put the key that belongs to the certificate beside it, or have both made anew.',
    title: (d) =>
      `${d.node} logs a certificate whose private key is another one’s${d.file === undefined ? '' : `: ${d.file}`}`,
    summary: (d) =>
      `A component on ${d.node} logged ${howOften(d.count)} that a private key does not match the certificate${d.file === undefined ? '' : ` (${d.file})`}. It cannot serve or log in with them.`,
    ruledOut: () => [],
    remedy: (d) => [
      { text: 'Compare the public halves: the two sums must be the same.', commands: compare(d) },
      {
        text: 'Where they differ, have the pair made anew (kubeadm: `kubeadm init phase certs …` after both files were moved away; k3s: remove both and restart).',
        commands: [],
      },
    ],
    verify: (d) => [{ text: 'The sums are the same, and the component stays up.', commands: compare(d) }],
    reasons: { noLog: 'No journal of a component that loads certificates was captured.' },
    notes: { refused: () => 'refused' },
  },
  zh: {
    name: '证书与私钥不匹配',
    looksFor: '日志 `tls: private key does not match public key`。私钥从不采集，因此无法直接对比文件。',
    why: '进程加载证书时会检查旁边的私钥是否与之对应；不对应则退出或无法提供服务。',
    consequences: '组件无法启动，或反复重启。',
    commonCauses: ['只恢复或复制了证书和私钥中的一个。', '用新密钥重新签发了证书，却保留了旧私钥。'],
    mimics: ['更换证书时两个文件先后写入，可能出现单独一行：仅判为可能。'],
    cure: '把与证书对应的私钥放回，或重新生成这一对文件。',
    title: (d) => `${d.node} 的日志显示证书与私钥不匹配${d.file === undefined ? '' : `：${d.file}`}`,
    summary: (d) =>
      `${d.node} 上有组件 ${d.count} 次记录私钥与证书不匹配${d.file === undefined ? '' : `（${d.file}）`}，无法用它们提供服务或登录。`,
    ruledOut: () => [],
    remedy: (d) => [
      { text: '对比两者的公钥：两个校验和应相同。', commands: compare(d) },
      {
        text: '若不同，重新生成这一对文件（kubeadm：移走两个文件后执行 `kubeadm init phase certs …`；k3s：删除两个文件后重启）。',
        commands: [],
      },
    ],
    verify: (d) => [{ text: '校验和相同，组件保持运行。', commands: compare(d) }],
    reasons: { noLog: '没有采集到加载证书的组件的日志。' },
    notes: { refused: () => '被拒绝' },
  },
}
