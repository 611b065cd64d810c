import type { Sentence } from '../../engine/language.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { howOften } from '../../text/howOften.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/** What was found with the authorities of a server. */
export interface AuthorityFault {
  readonly node: string
  readonly distribution: 'k3s' | 'rke2'
  /** `/var/lib/rancher/k3s/server/tls`. */
  readonly folder: string
  /** The server has issued certificates already. */
  readonly hasStarted: boolean
  /**
   * `cannot-sign`: certificates that are no authorities; `missing`: files that are not there; `unrooted`: chains without their end;
   * `mixed`: some are of another root; `key`, `replaced`: what the server logs of keys, and of files that its datastore has otherwise.
   */
  readonly kind: 'cannot-sign' | 'missing' | 'unrooted' | 'mixed' | 'key' | 'replaced'
  /** Those at fault, below the folder; of `key` none, as the log does not name them. */
  readonly files: readonly string[]
  /** Those beside them. */
  readonly others: readonly string[]
  /** Names of the roots, or of the issuers, of those at fault. */
  readonly issuers: readonly string[]
  /** Log lines. */
  readonly count: number
}

/** What there is to see in a line. */
export type Note = 'cannotSign' | 'present' | 'unrooted' | 'ofSet' | 'own' | 'otherRoot' | 'refused'

const en = (names: readonly string[]): string => joinWords(names, 5)
const zh = (names: readonly string[]): string => joinChinese(names, 5)
const quoted = (names: readonly string[]): readonly string[] => names.map((name) => `“${name}”`)

/** The words of k3s-custom-ca-incomplete. */
export const text: RuleTexts<AuthorityFault, 'noServer' | 'noAuthorities', Note> = {
  en: {
    name: 'The authorities of a k3s or rke2 server are not one complete set',
    looksFor:
      "The five authorities below `server/tls` (server-ca, client-ca, request-header-ca, etcd/server-ca, etcd/peer-ca): whether all are there, may sign, hold their chain up to the root, and are of one root where somebody made them; and log lines `x509: provided PrivateKey doesn't match parent's PublicKey` and `newer than datastore and could cause a cluster outage`. Keys are never collected; the log alone tells of those.",
    why: 'A server takes over what lies in `server/tls` at its very first start, and makes each authority anew whose certificate or key is missing: a set of three, as older advice has it, leaves two of the server’s own. Later the datastore’s copy counts: files that were replaced on disk are refused. A certificate that may not sign is refused with all that it has signed.',
    consequences:
      'The service does not start, or nodes and components refuse each other’s certificates; or part of the cluster does not lead to the root that was meant, which shows at a rotation, or to clients that know that root alone.',
    commonCauses: [
      'Three authorities were made (server-ca, client-ca, request-header-ca), by advice that is older than embedded etcd.',
      'Certificates without their keys, or with keys of an earlier try.',
      '`server/tls` of a cluster that exists was emptied or overwritten, instead of `certificate rotate-ca`.',
      'Authorities signed with `openssl x509 -req` without extensions for an authority.',
      'The chain behind the authority was left out of the file.',
    ],
    mimics: [
      'What the server makes itself: five authorities, each its own root; and after its script for their rotation, five with a root each.',
      'Authorities made by hand that are each their own root: as good as the server’s.',
      'Another root for a part of them can be meant; the documentation calls it an advanced use: likely at most, and only where the server made those later than the set.',
      'The old root behind the new one, as a rotation leaves it: the chain of the first certificate counts.',
      'Copies of the folder (`tls-…`), agents, and releases before 1.19, which have no authorities of etcd.',
      '`newer than datastore` of other files, such as `cred/passwd`: another fault.',
    ],
    cure: 'Make the whole set in a folder of its own, and load it with `certificate rotate-ca`; put back what is missing by a start from the datastore.',
    title(d) {
      const what = `${d.distribution} server ${d.node}`
      switch (d.kind) {
        case 'cannot-sign':
          return `${what}: ${en(d.files)} ${d.files.length === 1 ? 'is no certificate that may sign' : 'are no certificates that may sign'} others`
        case 'missing':
          return `${what} lacks ${d.files.length} of its five authorities: ${en(d.files)}`
        case 'unrooted':
          return `${what}: ${en(d.files)} ${d.files.length === 1 ? 'lacks its' : 'lack their'} root`
        case 'mixed':
          return `${what}: ${en(d.files)} ${d.files.length === 1 ? 'is' : 'are'} not of the set of the other authorities`
        case 'key':
          return `${what} logs an authority whose private key is another one’s`
        case 'replaced':
          return `${what} refuses authorities that were replaced on disk`
      }
    },
    summary(d) {
      switch (d.kind) {
        case 'cannot-sign':
          return `The first certificate of ${en(d.files)} in ${d.folder} is not marked as an authority, or not for signing certificates. Whoever verifies refuses all that it has signed.`
        case 'missing':
          return d.hasStarted
            ? `${d.folder} holds ${en(d.others)} and not ${en(d.files)}. The server made or took over all five when it first started, so that these were removed since; at its next start it writes them back from the datastore, or makes new ones that nothing issued before is verified with.`
            : `${d.folder} holds ${en(d.others)} and not ${en(d.files)}. The server has not started with them yet; it will make the missing ones itself, outside of the set. All five are wanted, with their keys, even where etcd is not used.`
        case 'unrooted':
          return `The chain in ${en(d.files)} ends in a certificate that ${en(quoted(d.issuers))} issued, and that one is not in the file. Go programs take the chain as it is; OpenSSL’s do not by default, so that Python and curl in pods refuse the API server. ${d.distribution} cannot tell the root for its join tokens either, and a rotation must be forced.`
        case 'mixed':
          return `${en(d.files)} in ${d.folder} ${d.files.length === 1 ? 'leads' : 'lead'} to ${en(quoted(d.issuers))}, and ${en(d.others)} to what somebody made for this cluster. Each part works by itself; but nothing that knows the meant root alone verifies the rest, and a rotation of the set will not cover it.`
        case 'key':
          return `${d.node} logged ${howOften(d.count)} that the key of an authority is not that of its certificate. A server that cannot sign with its authority does not start.`
        case 'replaced':
          return `${d.node} logged ${howOften(d.count)} that ${en(d.files)} on disk ${d.files.length === 1 ? 'is' : 'are'} newer than in the datastore. The server stops at it: the cluster still works with the authorities of the datastore.`
      }
    },
    ruledOut(d) {
      if (d.kind === 'missing') return ['A folder that could not be read: the list of its files is whole.']
      if (d.kind === 'mixed')
        return [
          'Authorities that each have a root of their own: somebody made the others as a set, or by hand.',
        ]
      return []
    },
    remedy: (d) => stepsIn('en', remedy(d)),
    verify: (d) => stepsIn('en', verification(d)),
    reasons: {
      noServer: 'No file of a k3s or rke2 server’s `server/tls` was captured.',
      noAuthorities: 'Certificates of a k3s or rke2 server were captured, but none of its authorities.',
    },
    notes: {
      cannotSign: (name) => `may not sign: ${name}`,
      present: (name) => `there: ${name}`,
      unrooted: (name) => `issued by ${name}, which is not in the file`,
      ofSet: (name) => `root: ${name}`,
      own: (name) => `made by the server: ${name}`,
      otherRoot: (name) => `another root: ${name}`,
      refused: () => 'refused',
    },
  },
  zh: {
    name: 'k3s 或 rke2 server 的 CA 不是完整的一套',
    looksFor:
      "`server/tls` 下的五个 CA（server-ca、client-ca、request-header-ca、etcd/server-ca、etcd/peer-ca）：是否齐全、能否签发证书、证书链是否到根；若是自行制作的，是否出自同一个根；以及日志 `x509: provided PrivateKey doesn't match parent's PublicKey` 和 `newer than datastore and could cause a cluster outage`。私钥从不采集，相关问题只能从日志得知。",
    why: 'server 只在首次启动时接管 `server/tls` 中的文件，缺少证书或私钥的 CA 会由它自行生成：按旧资料只准备三个，其余两个就是 server 自己的。此后以数据库中的副本为准，磁盘上被替换的文件会被拒绝。不能用于签发的证书，连同它签发的一切都会被拒绝。',
    consequences:
      '服务无法启动，或节点与组件互相拒绝对方的证书；或者集群的一部分不归属预期的根，在轮换时、或只信任该根的客户端访问时暴露出来。',
    commonCauses: [
      '按内嵌 etcd 出现之前的资料只制作了三个 CA（server-ca、client-ca、request-header-ca）。',
      '只放了证书没放私钥，或私钥来自上一次尝试。',
      '在已有集群上清空或覆盖 `server/tls`，而没有使用 `certificate rotate-ca`。',
      '用 `openssl x509 -req` 签发 CA 时没有加 CA 所需的扩展。',
      'CA 文件中漏掉了上级证书链。',
    ],
    mimics: [
      'server 自行生成的五个 CA 各自为根；用官方脚本轮换之后，五个 CA 各有一个根：均属正常。',
      '手工制作、各自为根的 CA：与 server 自己生成的等效。',
      '部分 CA 使用另一个根可能是有意为之（文档称之为高级用法）：只有当它们由 server 在这套 CA 之后生成时才判为很可能，否则仅判为可能。',
      '轮换后旧根排在新根之后：只看第一个证书的链。',
      '该目录的副本（`tls-…`）、agent 节点，以及 1.19 之前没有 etcd CA 的版本。',
      '其他文件（例如 `cred/passwd`）的 `newer than datastore`：属于另外的故障。',
    ],
    cure: '在单独的目录中制作完整的一套，用 `certificate rotate-ca` 加载；缺少的文件通过重启从数据库恢复。',
    title(d) {
      const what = `${d.distribution} server ${d.node}`
      switch (d.kind) {
        case 'cannot-sign':
          return `${what} 的 ${zh(d.files)} 不是可以签发证书的 CA`
        case 'missing':
          return `${what} 的五个 CA 缺少 ${d.files.length} 个：${zh(d.files)}`
        case 'unrooted':
          return `${what} 的 ${zh(d.files)} 缺少根证书`
        case 'mixed':
          return `${what} 的 ${zh(d.files)} 与其余 CA 不是同一套`
        case 'key':
          return `${what} 的日志显示 CA 的私钥与证书不匹配`
        case 'replaced':
          return `${what} 拒绝磁盘上被替换的 CA`
      }
    },
    summary(d) {
      switch (d.kind) {
        case 'cannot-sign':
          return `${d.folder} 中 ${zh(d.files)} 的第一个证书没有标记为 CA，或不允许签发证书。校验方会拒绝由它签发的一切证书。`
        case 'missing':
          return d.hasStarted
            ? `${d.folder} 中有 ${zh(d.others)}，没有 ${zh(d.files)}。server 首次启动时五个 CA 已全部生成或接管，因此它们是后来被删除的；下次启动时会从数据库恢复，否则会重新生成，而之前签发的证书无法用新的 CA 校验。`
            : `${d.folder} 中有 ${zh(d.others)}，没有 ${zh(d.files)}。server 尚未用它们启动过；缺少的会由它自行生成，不属于这一套。即使不用 etcd，五个 CA 及其私钥也都需要。`
        case 'unrooted':
          return `${zh(d.files)} 中的证书链止于由${zh(quoted(d.issuers))}签发的证书，而签发者不在文件中。Go 程序接受这样的链；OpenSSL 默认不接受，因此 Pod 中的 Python 和 curl 会拒绝 API Server。${d.distribution} 也无法据此确定加入令牌所用的根，轮换时必须强制执行。`
        case 'mixed':
          return `${d.folder} 中 ${zh(d.files)} 的根是${zh(quoted(d.issuers))}，而 ${zh(d.others)} 是为该集群自行制作的。两部分各自都能工作；但只信任预期的根就无法校验其余部分，轮换这套 CA 时也不会包含它们。`
        case 'key':
          return `${d.node} ${d.count} 次记录 CA 的私钥与证书不匹配。无法用 CA 签发证书的 server 不能启动。`
        case 'replaced':
          return `${d.node} ${d.count} 次记录磁盘上的 ${zh(d.files)} 比数据库中的新。server 因此退出：集群仍以数据库中的 CA 工作。`
      }
    },
    ruledOut(d) {
      if (d.kind === 'missing') return ['目录无法读取：文件列表是完整的。']
      if (d.kind === 'mixed') return ['全部由 server 自行生成：其余 CA 的名称不是 server 会起的名称。']
      return []
    },
    remedy: (d) => stepsIn('zh', remedy(d)),
    verify: (d) => stepsIn('zh', verification(d)),
    reasons: {
      noServer: '没有采集到 k3s 或 rke2 server 的 `server/tls` 下的文件。',
      noAuthorities: '采集到了 k3s 或 rke2 server 的证书，但没有它的 CA。',
    },
    notes: {
      cannotSign: (name) => `不能签发证书：${name}`,
      present: (name) => `存在：${name}`,
      unrooted: (name) => `签发者为 ${name}，不在文件中`,
      ofSet: (name) => `根：${name}`,
      own: (name) => `由 server 生成：${name}`,
      otherRoot: (name) => `另一个根：${name}`,
      refused: () => '被拒绝',
    },
  },
}

function remedy(d: AuthorityFault): readonly SaidStep[] {
  const service = serviceOf(d)
  switch (d.kind) {
    case 'missing':
      return d.hasStarted
        ? [
            step(
              {
                en: 'Keep a copy of the folder, and restart: the server writes what is missing back from its datastore. Never empty the folder of a cluster that exists.',
                zh: '备份该目录后重启：server 会从数据库恢复缺少的文件。切勿清空已有集群的这个目录。',
              },
              `cp -a ${d.folder} ${d.folder}-copy`,
              `systemctl restart ${service}`,
            ),
          ]
        : [
            step(
              {
                en: 'Before the first start, make the whole set with the script of k3s, which takes a root of your own where it finds one.',
                zh: '在首次启动之前，用 k3s 的脚本制作完整的一套；若已有自己的根证书，脚本会使用它。',
              },
              FETCH_SCRIPT,
              `PRODUCT=${d.distribution} bash generate-custom-ca-certs.sh`,
            ),
          ]
    case 'key':
      return [
        step(
          {
            en: 'Compare the public halves of each authority and its key: the two sums of a pair must be the same. Put the right key beside the certificate.',
            zh: '对比每个 CA 证书与私钥的公钥：同一对的两个校验和应相同。把正确的私钥放到证书旁边。',
          },
          `cd ${d.folder} && for ca in server client request-header etcd/server etcd/peer; do echo "$ca"; openssl x509 -in $ca-ca.crt -noout -pubkey | sha256sum; openssl pkey -in $ca-ca.key -pubout | sha256sum; done`,
        ),
      ]
    case 'replaced':
      return [
        step(
          {
            en: 'Keep a copy of the new files elsewhere, and move them out of the folder; at its start the server writes those of the datastore back.',
            zh: '把新文件另外备份，并移出该目录；server 启动时会从数据库恢复原来的文件。',
          },
          `cp -a ${d.folder} /root/new-authorities`,
          `cd ${d.folder} && mv ${d.files.join(' ')} /root/`,
          `systemctl restart ${service}`,
        ),
        ...rotation(d),
      ]
    default:
      return [
        step(
          { en: 'See what is in the files.', zh: '查看文件内容。' },
          ...d.files.map(
            (file) =>
              `openssl storeutl -noout -text -certs ${d.folder}/${file} | grep -E 'Issuer:|Subject:|CA:'`,
          ),
        ),
        ...rotation(d),
      ]
  }
}

const FETCH_SCRIPT =
  'curl -sLO https://github.com/k3s-io/k3s/raw/main/contrib/util/generate-custom-ca-certs.sh'

/** With what a cluster that exists gets other authorities: the documentation of `k3s certificate rotate-ca`. */
function rotation({ distribution, folder }: AuthorityFault): readonly SaidStep[] {
  return [
    step(
      {
        en: `Make all five anew in another folder, from the same root where that is kept, and load them; then restart ${distribution} on all servers, and after them on the agents. Another root wants \`--force\`, and new join tokens on the nodes.`,
        zh: `在另一个目录中重新制作全部五个 CA（尽量使用同一个根）并加载；然后依次重启所有 server 和 agent 上的 ${distribution}。更换根时需要 \`--force\`，并在各节点上更新加入令牌。`,
      },
      `mkdir -p /opt/${distribution}/server/tls && cp ${folder}/service.key /opt/${distribution}/server/tls/`,
      FETCH_SCRIPT,
      `DATA_DIR=/opt/${distribution} PRODUCT=${distribution} bash generate-custom-ca-certs.sh`,
      `${distribution} certificate rotate-ca --path=/opt/${distribution}/server`,
    ),
  ]
}

function verification(d: AuthorityFault): readonly SaidStep[] {
  if (d.kind === 'key' || d.kind === 'replaced')
    return [
      step(
        { en: 'The service runs, and logs it no more.', zh: '服务正常运行，日志不再出现。' },
        `systemctl status ${serviceOf(d)}`,
        `journalctl -u ${serviceOf(d)} --since -5min | grep -E "parent's PublicKey|newer than datastore"`,
      ),
    ]
  return [
    step(
      {
        en: 'Five authorities are there, and what the server serves with is verified by its own.',
        zh: '五个 CA 齐全，server 的服务证书能用自己的 CA 校验。',
      },
      `ls ${d.folder}/*-ca.crt ${d.folder}/etcd/*-ca.crt`,
      `openssl verify -CAfile ${d.folder}/server-ca.crt ${d.folder}/serving-kube-apiserver.crt`,
    ),
  ]
}

function serviceOf({ distribution }: AuthorityFault): string {
  return distribution === 'k3s' ? 'k3s' : 'rke2-server'
}

function step(text: Sentence, ...commands: readonly string[]): SaidStep {
  return { text, commands }
}
