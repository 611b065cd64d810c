import { apiSignals } from './signals/api.ts'
import { cniSignals } from './signals/cni.ts'
import { certificateSignals } from './signals/certificates.ts'
import { dnsSignals } from './signals/dns.ts'
import { flannelSignals } from './signals/flannel.ts'
import { configurationSignals } from './signals/configuration.ts'
import { etcdSignals } from './signals/etcd.ts'
import { joinSignals } from './signals/join.ts'
import { kernelSignals } from './signals/kernel.ts'
import { kubeProxySignals } from './signals/kubeProxy.ts'
import { limitSignals } from './signals/limits.ts'
import { linkSignals } from './signals/links.ts'
import { networkManagerSignals } from './signals/networkManagers.ts'
import { podNetworkSignals } from './signals/podNetwork.ts'
import { kernelTroubleSignals } from './signals/kernelTrouble.ts'
import { rancherOptionSignals } from './signals/rancherOptions.ts'
import { runtimeSignals } from './signals/runtime.ts'
import { systemSignals } from './signals/system.ts'

/** Every kind of log line that some rule needs. */
export const signals = [
  ...kernelSignals,
  ...certificateSignals,
  ...apiSignals,
  ...etcdSignals,
  ...joinSignals,
  ...podNetworkSignals,
  ...cniSignals,
  ...flannelSignals,
  ...systemSignals,
  ...networkManagerSignals,
  ...dnsSignals,
  ...kubeProxySignals,
  ...limitSignals,
  ...linkSignals,
  ...configurationSignals,
  ...kernelTroubleSignals,
  ...rancherOptionSignals,
  ...runtimeSignals,
] as const

/** A kind of log line. */
export type Signal = (typeof signals)[number]

/** Name of a kind of log line. */
export type SignalId = Signal['id']
