import type { LogSignal } from '../logSignal.ts'

/** What drivers and bonding report of links that go down. */
export const linkSignals = [
  {
    // e1000e, igb, ixgbe, i40e, bnxt_en: `igb: eno1 NIC Link is Down`, `e1000e 0000:00:1f.6 eth0: NIC Link is Down`;
    // bnx2: `eth0: NIC Copper Link is Down`; drivers/net/phy/phy.c, phy_print_status: `eth0: Link is Down`.
    id: 'link-down',
    keywords: ['Link is Down'],
    pattern: /(?<device>[^\s:]{1,15}):? (?:NIC )?(?:Copper )?Link is Down/,
  },
  {
    // drivers/net/bonding/bond_main.c: `bond0: (slave eth1): link status definitely down, disabling slave` since 5.2,
    // `bond0: link status definitely down for interface eth1, disabling it` before.
    id: 'bond-link-down',
    keywords: ['link status definitely down'],
    pattern:
      /(?:\(slave (?<slave>[^\s()]{1,15})\): )?link status definitely down(?: for interface (?<device>[^\s,]{1,15}))?,/,
  },
] as const satisfies readonly LogSignal[]
