import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import type { HardcodedAddress } from '../../facts/cluster/hardcodedAddresses.ts'
import type { WrittenPlace } from '../../facts/cluster/writtenAddresses.ts'
import { replaceAddress } from '../../net/addressesIn.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** Who has the address. */
export type Holder = HardcodedAddress['holder']['kind']

/** An address of a pod or a Service that is written out. */
export interface PodIpHardcoded {
  readonly address: string
  readonly holder: Holder
  /** `namespace/name` of the pod or Service that has it, or of the pod that had it; undefined where none is known. */
  readonly whose: string | undefined
  readonly places: readonly Pick<WrittenPlace, 'in' | 'owner' | 'name' | 'text'>[]
  /** Names of Services that lead there. */
  readonly names: readonly string[]
}

type Reason = 'noPods'

/** What there is to see in the lines. */
export type Note = 'written' | 'pod' | 'service' | 'network' | 'nobody'

const MOST_COMMANDS = 4

const isOfService = ({ holder }: PodIpHardcoded): boolean => holder === 'service' || holder === 'no-service'

/** The words of pod-ip-hardcoded. */
export const text: RuleTexts<PodIpHardcoded, Reason, Note> = {
  en: {
    name: 'The address of a pod is written into a configuration',
    looksFor:
      'IPv4 addresses in the environment variables and commands of the running pods, and in /etc/hosts of the nodes, that lie in the networks of the pods or the Services, or that a pod or a Service has; and whether the API server lists anybody with them.',
    why: 'A pod has its address until it is deleted; the one that follows it gets another. Whoever wrote the address down goes on asking for it, and reaches nobody, or the pod that has got it since. A Service keeps its address until it is made anew.',
    consequences:
      'All is well until the pod that is meant is restarted, moved or updated. Then its clients fail with time-outs or “no route to host”, or talk to a wrong pod, while the Service and its DNS name work.',
    commonCauses: [
      'A Service did not work, and somebody wrote the address of its pod into a variable to get around it.',
      'An address was taken from “kubectl get pods -o wide” for a test, and stayed.',
      'A name was added to /etc/hosts of a node because the node does not ask the cluster’s DNS.',
    ],
    mimics: [
      'Values that the API fills in (valueFrom: status.podIP), variables named POD_IP, HOST_IP or NODE_IP, and a pod’s own address.',
      'Variables of Services that the kubelet makes (…_SERVICE_HOST, …_PORT), the addresses of the cluster’s DNS and API server, and NO_PROXY.',
      'Networks (10.42.0.0/16), addresses outside of the cluster’s networks, addresses of nodes, bridges and tunnels, and what the nodes reach on a link of their own.',
      'Addresses that an annotation keeps for one pod: cni.projectcalico.org/ipAddrs, ovn.kubernetes.io/ip_address.',
      'A Service whose clusterIP was chosen in its manifest: nothing tells, so that the finding is low and only possible.',
    ],
    cure: 'Write the DNS name of a Service in place of the address. Where no Service leads to the pod, make one, headless if a single pod is meant.',
    title: (d) => {
      switch (d.holder) {
        case 'no-pod':
          return `No pod has ${d.address}, which ${joinWords(d.places.map(place))} ${uses(d)}`
        case 'no-service':
          return `No Service has ${d.address}, which ${joinWords(d.places.map(place))} ${uses(d)}`
        default:
          return `${d.address}${d.whose === undefined ? '' : ` of ${d.holder === 'pod' ? 'the pod' : 'the Service'} ${d.whose}`} is written into ${joinWords(d.places.map(place))}`
      }
    },
    summary(d) {
      const where = `${joinWords(d.places.map(place))} ${uses(d)} ${d.address}.`
      switch (d.holder) {
        case 'pod':
          return `${where} It is the address of the pod ${d.whose} as long as that pod lives; the next one gets another, and then nobody answers, or a wrong pod does.`
        case 'no-pod':
          return `${where} It lies in the networks of the pods, and no pod has it${d.whose === undefined ? '' : `; the pod ${d.whose}, which has ended, had it`}. Whoever connects to it gets no answer.`
        case 'unknown':
          return `${where} It lies in the networks of the pods, whose addresses change with every restart; whether a pod has it now was not captured.`
        case 'service':
          return `${where} It is the address of the Service ${d.whose}, and stays until the Service is made anew.`
        case 'no-service':
          return `${where} It lies in the network of the Services, and no Service has it. Whoever connects to it gets no answer.`
      }
    },
    ruledOut: (d) => [
      'It is no address of a node, a bridge or a tunnel, and no link of a node leads to it.',
      ...(isOfService(d) ? [] : ['No annotation keeps it for one pod.']),
    ],
    remedy: (d) => stepsIn('en', remedyOf(d)),
    verify: (d) => stepsIn('en', verifyOf(d)),
    reasons: { noPods: 'The pods of the API server, with their environment, were not captured.' },
    notes: {
      written: () => 'written here',
      pod: () => 'the pod that has it now',
      service: () => 'the Service that has it',
      network: () => 'the network it lies in',
      nobody: () => 'nobody has it here',
    },
  },
  zh: {
    name: '配置中写死了 Pod 的地址',
    looksFor:
      '正在运行的 Pod 的环境变量和启动命令、以及节点 /etc/hosts 中的 IPv4 地址：它们属于 Pod 或 Service 的网段，或者正由某个 Pod 或 Service 使用；并核对 API server 中是否还有谁拥有该地址。',
    why: 'Pod 的地址只在被删除之前有效，接替它的 Pod 会得到另一个地址。写死地址的一方仍然访问旧地址，结果没有应答，或者连到后来得到该地址的其他 Pod。Service 的地址在重建之前保持不变。',
    consequences:
      '在目标 Pod 重启、迁移或更新之前一切正常；之后客户端会超时、报“no route to host”，或者连到错误的 Pod，而 Service 及其 DNS 名称是正常的。',
    commonCauses: [
      'Service 不通时，有人把其 Pod 的地址写进环境变量来绕过。',
      '测试时从“kubectl get pods -o wide”抄来的地址，事后没有改回。',
      '节点不使用集群 DNS，于是把名称写进了节点的 /etc/hosts。',
    ],
    mimics: [
      '由 API 填入的值（valueFrom: status.podIP），名为 POD_IP、HOST_IP 或 NODE_IP 的变量，以及 Pod 自己的地址。',
      'kubelet 注入的 Service 变量（…_SERVICE_HOST、…_PORT），集群 DNS 和 API server 的地址，以及 NO_PROXY。',
      '网段（10.42.0.0/16）、集群网段之外的地址、节点、网桥和隧道的地址，以及节点在自己的链路上直达的地址。',
      '注解固定给某个 Pod 的地址：cni.projectcalico.org/ipAddrs、ovn.kubernetes.io/ip_address。',
      '清单中指定了 clusterIP 的 Service：采集包无法区分，因此只报“低”和“可能”。',
    ],
    cure: '用 Service 的 DNS 名称代替该地址。如果没有 Service 指向该 Pod，就建一个；若指的是单个 Pod，则建 headless Service。',
    title: (d) => {
      switch (d.holder) {
        case 'no-pod':
          return `${joinChinese(d.places.map(chinesePlace))} 使用 ${d.address}，但没有 Pod 拥有该地址`
        case 'no-service':
          return `${joinChinese(d.places.map(chinesePlace))} 使用 ${d.address}，但没有 Service 拥有该地址`
        default:
          return `${joinChinese(d.places.map(chinesePlace))} 中写死了${d.whose === undefined ? '' : ` ${d.holder === 'pod' ? 'Pod' : 'Service'} ${d.whose} 的地址`} ${d.address}`
      }
    },
    summary(d) {
      const where = `${joinChinese(d.places.map(chinesePlace))} 使用 ${d.address}。`
      switch (d.holder) {
        case 'pod':
          return `${where}它目前是 Pod ${d.whose} 的地址；该 Pod 重建后会得到另一个地址，届时访问它没有应答，或者连到错误的 Pod。`
        case 'no-pod':
          return `${where}它属于 Pod 网段，但没有 Pod 拥有它${d.whose === undefined ? '' : `；曾经拥有它的 Pod ${d.whose} 已经结束`}。连接它得不到应答。`
        case 'unknown':
          return `${where}它属于 Pod 网段，其中的地址每次重启都会变化；没有采集到目前是否有 Pod 拥有它。`
        case 'service':
          return `${where}它是 Service ${d.whose} 的地址，在该 Service 重建之前不变。`
        case 'no-service':
          return `${where}它属于 Service 网段，但没有 Service 拥有它。连接它得不到应答。`
      }
    },
    ruledOut: (d) => [
      '它不是节点、网桥或隧道的地址，节点也没有直达它的链路。',
      ...(isOfService(d) ? [] : ['没有注解把它固定给某个 Pod。']),
    ],
    remedy: (d) => stepsIn('zh', remedyOf(d)),
    verify: (d) => stepsIn('zh', verifyOf(d)),
    reasons: { noPods: '没有采集到 API server 中的 Pod 及其环境变量。' },
    notes: {
      written: () => '写死在这里',
      pod: () => '目前拥有该地址的 Pod',
      service: () => '拥有该地址的 Service',
      network: () => '它所属的网段',
      nobody: () => '其中没有谁拥有该地址',
    },
  },
}

type Place = PodIpHardcoded['places'][number]

const uses = ({ places }: PodIpHardcoded): string => (places.length === 1 ? 'uses' : 'use')

function place({ in: where, owner, name }: Place): string {
  if (where === 'hosts') return `/etc/hosts of ${owner.name}`
  const workload = `${owner.kind} ${owner.namespace}/${owner.name}`
  return where === 'variable' ? `${name} of ${workload}` : `the command of ${workload}`
}

function chinesePlace({ in: where, owner, name }: Place): string {
  if (where === 'hosts') return `${owner.name} 的 /etc/hosts`
  const workload = `${owner.kind} ${owner.namespace}/${owner.name}`
  return where === 'variable' ? `${workload} 的变量 ${name}` : `${workload} 的启动命令`
}

function remedyOf(d: PodIpHardcoded): readonly SaidStep[] {
  const inPods = d.places.filter(({ in: where }) => where !== 'hosts')
  const inHosts = d.places.filter(({ in: where }) => where === 'hosts')
  return [
    ...(inPods.length === 0 ? [] : changeOfPods(d, inPods)),
    ...inHosts.map((each) => changeOfHosts(d, each)),
  ]
}

function changeOfHosts({ address }: PodIpHardcoded, { owner }: Place): SaidStep {
  return {
    text: {
      en: `Take the line out of /etc/hosts of ${owner.name}; a node reaches pods by a NodePort or a load balancer, whose address stays.`,
      zh: `从 ${owner.name} 的 /etc/hosts 中去掉这一行；节点应通过地址不变的 NodePort 或负载均衡访问 Pod。`,
    },
    commands: [`grep -nwF ${shellQuote(address)} /etc/hosts`],
  }
}

function changeOfPods({ address, names }: PodIpHardcoded, places: readonly Place[]): readonly SaidStep[] {
  const only = names.length === 1 ? names[0] : undefined
  const commands = places.slice(0, MOST_COMMANDS).map((each) => changeOf(each, address, only))
  const find: SaidStep = {
    text: {
      en: 'Find the Service that leads to the pods which are meant.',
      zh: '找到指向目标 Pod 的 Service。',
    },
    commands: ['kubectl get services,endpoints -A'],
  }
  return [...(names.length === 0 ? [find] : []), { text: instead(names), commands: [...new Set(commands)] }]
}

function instead(names: readonly string[]): SaidStep['text'] {
  if (names.length === 0) {
    return {
      en: 'Write its name (NAME.NAMESPACE.svc) in place of the address, or take the setting out where the application has a default that works. The pods are made anew.',
      zh: '用它的名称（NAME.NAMESPACE.svc）代替该地址；如果应用的默认值可用，也可以去掉该设置。Pod 会被重建。',
    }
  }
  return {
    en: `Write the name of a Service that leads there in place of the address: ${joinWords(names)}. The pods are made anew.`,
    zh: `用指向它的 Service 的名称代替该地址：${joinChinese(names)}。Pod 会被重建。`,
  }
}

/** `kubectl set env` writes the template of what makes the pods; commands, and pods that nobody tends, are changed by hand. */
function changeOf(
  { in: where, owner, name, text }: Place,
  address: string,
  service: string | undefined,
): string {
  const target = shellQuote(`${owner.kind.toLowerCase()}/${owner.name}`)
  const kubectl = `kubectl -n ${shellQuote(owner.namespace)}`
  if (owner.kind === 'Pod') return `${kubectl} get ${target} -o yaml`
  if (where === 'command' || service === undefined) return `${kubectl} edit ${target}`
  return `${kubectl} set env ${target} ${shellQuote(`${name}=${replaceAddress(text, address, service)}`)}`
}

function verifyOf({ address, places }: PodIpHardcoded): readonly SaidStep[] {
  const isInPods = places.some(({ in: where }) => where !== 'hosts')
  return [
    {
      text: {
        en: 'The address is written nowhere any more; only the status of a pod that has it shows it.',
        zh: '不再有地方写着该地址；只有拥有它的 Pod 的 status 中会出现。',
      },
      commands: isInPods
        ? [`kubectl get pods -A -o json | grep -nF ${shellQuote(address)}`]
        : [`grep -nF ${shellQuote(address)} /etc/hosts`],
    },
  ]
}
