import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found, notApplicable } from '../../engine/verdict.ts'
import { calicoAddress } from '../../facts/node/calicoAddress.ts'
import { interfaces } from '../../facts/node/interfaces.ts'
import { type WrongAutodetectedIp, text } from './calico-wrong-autodetected-ip.text.ts'

type Note = 'chosen' | 'device'

/** Calico picks the first interface that is not on its list of names to skip: a new bridge may come before the right card. */
export default defineRule({
  id: 'calico-wrong-autodetected-ip',
  area: 'cni',
  severity: 'high',
  references: [
    {
      title: 'Calico documentation, Configure IP autodetection',
      url: 'https://docs.tigera.io/calico/latest/networking/ipam/ip-autodetection',
    },
    {
      title: 'projectcalico/calico#3194: autodetection picks a new docker bridge',
      url: 'https://github.com/projectcalico/calico/issues/3194',
    },
  ],
  needs: { announced: calicoAddress, interfaces },
  text,
  check({ announced, interfaces }, node) {
    if (announced === undefined) return notApplicable('noCalico')
    const { address, origin } = announced
    const device = interfaces.find(({ addresses }) => addresses.some((own) => own.address === address))
    if (device?.role === 'host') return clear()
    return found<WrongAutodetectedIp, Note>(
      { node: node.id, address, ...(device && { device: device.name }) },
      {
        subject: address,
        confidence: 'certain',
        evidence: [
          withNote<Note>(origin, 'chosen', address),
          ...(device ? [withNote<Note>(device.origin, 'device', device.name)] : []),
        ],
        about: [`node:${node.id}`, `address:${address}`],
      },
    )
  },
})
