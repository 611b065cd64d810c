import { available } from '../../engine/availability.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { type RancherSettings, rancherSettings } from './rancherSettings.ts'

/** The configuration of a server of k3s or rke2, as a start would take it. */
export type ServerSettings = Pick<RancherSettings, 'distribution' | 'of'>

/** The options of a node's server; undefined where no unit of a server was captured. */
export const serverSettings = defineNodeFact({
  name: 'configuration of the server',
  needs: { settings: rancherSettings },
  compute({ settings }) {
    return available<ServerSettings | undefined>(settings?.role === 'server' ? settings : undefined)
  },
})
