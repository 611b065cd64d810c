import { createHash } from 'node:crypto'
import type { Host } from '../bundle/host.ts'
import { gunzip } from './gunzip.ts'

/** What Node lends to the core. */
export const nodeHost: Host = {
  sha256() {
    const hash = createHash('sha256')
    return {
      update: (bytes) => void hash.update(bytes),
      digest: () => hash.digest('hex'),
    }
  },
  gunzip,
}
