import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/cni-install-selinux-denied.ts'
import { textNode } from '../../support/textCluster.ts'

const denied = (where: string, permissive: 0 | 1) =>
  `[ 2211.482911] audit: type=1400 audit(1795220850.123:412): avc:  denied  { add_name } for  pid=20711 comm="install" ${where} scontext=system_u:system_r:container_t:s0:c14,c813 tcontext=system_u:object_r:bin_t:s0 tclass=dir permissive=${permissive}\n`

test.each([
  ['name="net.d" dev="dm-0" ino=67325417', 0, 'found'],
  ['path="/opt/cni/bin/flannel" dev="dm-0" ino=1', 0, 'found'],
  ['name="net.d" dev="dm-0" ino=67325417', 1, 'clear'],
  ['name="spool" dev="dm-0" ino=67325417', 0, 'clear'],
] as const)('%s, permissive=%i: %s', async (where, permissive, state) => {
  const node = await textNode({ 'kernel/dmesg.txt': denied(where, permissive) })
  expect(rule.check(node, 'en').state).toBe(state)
})
