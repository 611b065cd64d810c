import { defineConfig } from 'vitest/config'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** Tests that take longest: begun last, they would keep one processor busy and let the others wait. */
const LONGEST = ['lab/netns', 'collector/hardness', 'cli/cut', 'faults', 'report/html', 'lab/leftovers']

function rankOf({ moduleId }: TestSpecification): number {
  const place = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
  return place < 0 ? LONGEST.length : place
}

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((one, other) => rankOf(one) - rankOf(other))
  }
}

export default defineConfig({
  define: { COLDCASE_VERSION: JSON.stringify(version) },
  // style.css?raw is read as it stands; without `css` vitest puts an empty file in its place.
  // No test changes what another one sees, so that the modules need not be loaded anew for each file.
  test: {
    css: true,
    include: ['test/**/*.test.ts'],
    isolate: false,
    // vitest itself leaves one processor free: these tests wait as much as they compute.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
})
