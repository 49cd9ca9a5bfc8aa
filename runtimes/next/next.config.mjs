import { fileURLToPath } from 'node:url'

/** The sources of the list stand beside this folder. */
const root = fileURLToPath(new URL('../..', import.meta.url))
export default {
  poweredByHeader: false,
  compress: false,
  skipTrailingSlashRedirect: true,
  turbopack: { root },
  outputFileTracingRoot: root,
}
