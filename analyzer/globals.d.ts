/** The package's version, put in by the build (rolldown.config.mjs) and by vitest.config.ts. */
declare const COLDCASE_VERSION: string

/** A file's text, embedded at build time. */
declare module '*?raw' {
  const text: string
  export default text
}
