import { whyNoSandbox } from '../../fixtures/lab/sandbox.ts'
import { lacks } from '../support/tools.ts'

const TOOLS =
  'unshare ip bridge sysctl openssl ethtool conntrack nft iptables-nft iptables-legacy ' +
  '/usr/lib/cni/host-local /usr/lib/cni/portmap'

/** Whether the lab cannot run here: a tool is missing, or the kernel gives no namespaces. Continuous integration must run it. */
export function lacksLab(): boolean {
  return (
    lacks(...TOOLS.split(' ')) || (process.env['COLDCASE_STRICT'] !== '1' && whyNoSandbox() !== undefined)
  )
}
