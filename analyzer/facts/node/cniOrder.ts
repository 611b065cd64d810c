import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available, unavailable } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { CniConf } from '../../parsers/cniConf.ts'
import type { ConfigText } from '../../parsers/configText.ts'
import { captured } from '../../sources/captured.ts'

/** A CNI configuration in the folder that the runtime reads. */
export interface CniConfFile {
  /** `10-flannel.conflist` */
  readonly name: string
  /** `/etc/cni/net.d` */
  readonly folder: string
  readonly conf: CniConf
  /** The line of its name. */
  readonly origin: Evidence
}

/** The CNI configurations of the folder that the runtime reads. */
export interface CniOrder {
  /** By this one pods get their network; left out where there is none. */
  readonly used?: CniConfFile
  /** Those behind it, in the order of their names. */
  readonly others: readonly CniConfFile[]
}

const FOLDER = '/etc/cni/net.d'
/** What the runtimes load (containerd/go-cni opts.go, cri-o/ocicni ocicni.go); all else in the folder is passed over. */
const LOADED = /\.(?:conf|conflist|json)$/
/** Of containerd's config.toml and of crio.conf. */
const FOLDER_SETTING = /^\s{0,40}(?:conf_dir|network_dir)\s{0,20}=\s{0,20}["'](?<value>\/[^"']{1,200})["']/
/** Of crio.conf: the name of a network, which then comes before the order of the files. */
const NETWORK_SETTING = /^\s{0,40}cni_default_network\s{0,20}=\s{0,20}["'](?<value>[^"']{1,200})["']/

/**
 * Which CNI configuration makes the network of a pod: the first by name, in bytes, of the folder (containerd/go-cni opts.go,
 * loadFromConfDir; cri-o/ocicni; dockershim), unless CRI-O is told the name of a network. Unavailable where configurations lie in two
 * folders, and no configuration of a runtime says which one it reads.
 */
export const cniOrder = defineNodeFact({
  name: 'order of the CNI configurations',
  needs: { confs: captured.cniConf },
  wants: { runtime: captured.runtimeConfig },
  compute({ confs, runtime }, node): Availability<CniOrder> {
    const files = confs.map(fileOf).filter(({ name }) => LOADED.test(name))
    const folders = new Set(files.map(({ folder }) => folder))
    const told = settings(runtime ?? [], FOLDER_SETTING)
    const [folder = [...told][0]] = folders
    if (folders.size > 1 && told.size !== 1) {
      return unavailable({
        code: 'undetermined',
        node: node.id,
        what: {
          en: 'which folder of CNI configurations the runtime reads',
          zh: '运行时读取哪个 CNI 配置目录',
        },
      })
    }
    const read = folders.size > 1 ? [...told][0] : folder
    const ordered = files
      .filter((file) => file.folder === read)
      .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    const wanted = settings(runtime ?? [], NETWORK_SETTING)
    const used = ordered.find(({ conf }) => wanted.has(conf.name ?? '')) ?? ordered[0]
    if (used === undefined) return available({ others: [] })
    return available({ used, others: ordered.filter((file) => file !== used) })
  },
})

function fileOf(file: Capture<CniConf>): CniConfFile {
  const path = /^cat (?<path>\/\S+)$/.exec(file.command ?? '')?.groups?.['path']
  const name = (path ?? file.path).split('/').at(-1) ?? ''
  const folder = path === undefined ? FOLDER : path.slice(0, -name.length - 1)
  return { name, folder, conf: file.value, origin: file.cite(file.value.line ?? { number: 0, text: '' }) }
}

function settings(files: readonly Capture<ConfigText>[], pattern: RegExp): ReadonlySet<string> {
  const lines = files.flatMap(({ value }) => value.lines)
  return new Set(lines.flatMap(({ text }) => pattern.exec(text)?.groups?.['value']?.replace(/\/$/, '') ?? []))
}
