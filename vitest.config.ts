import { defineConfig } from 'vitest/config'
import { readFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as {
  version: string
}

export default defineConfig({
  define: { COLDCASE_VERSION: JSON.stringify(version) },
  // style.css?raw is read as it stands; without `css` vitest puts an empty file in its place.
  // No test changes what another one sees, so that the modules need not be loaded anew for each file.
  test: {
    css: true,
    include: ['test/**/*.test.ts'],
    isolate: false,
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
})
