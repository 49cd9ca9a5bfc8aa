import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import type { World } from '@holdfast/explorer'

/** Where the explorer stands, below the issuer's origin. */
export const SITE_PATH = '/explorer/'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
}

/** What `@holdfast/explorer` was built into. */
export function siteFolder(): string {
  return join(dirname(fileURLToPath(import.meta.resolve('@holdfast/explorer/package.json'))), 'site')
}

/**
 * The explorer's files, read once, and `explorer.json`, which tells it where flows can run.
 *
 * @param connects what its page may call beside its own origin, as sources of a Content-Security-Policy
 * @returns undefined when the site was not built; the function: undefined for a path of somebody else
 */
export function explorerSite(
  folder: string,
  world: World,
  connects: readonly string[],
): ((request: HttpRequest) => Reply | undefined) | undefined {
  const files = new Map(existsSync(folder) ? filesIn(folder) : [])
  const page = files.get(`${SITE_PATH}index.html`)
  if (page === undefined) return undefined
  files.set(SITE_PATH, page)
  files.set(`${SITE_PATH}explorer.json`, { type: 'application/json', body: JSON.stringify(world) })
  const policy = [
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:",
    `connect-src ${["'self'", ...connects].join(' ')}`,
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ].join('; ')
  return ({ path, method }) => {
    if (path === SITE_PATH.slice(0, -1)) return { ...text(308, ''), headers: { location: SITE_PATH, 'cache-control': 'no-store' } }
    if (!path.startsWith(SITE_PATH)) return undefined
    const file = files.get(path)
    if (file === undefined) return text(404, 'not found')
    if (method !== 'GET' && method !== 'HEAD') return { ...text(405, 'method not allowed'), headers: { allow: 'GET, HEAD' } }
    return {
      status: 200,
      headers: {
        'content-type': file.type,
        // Names of built files have their content's hash in them; pages do not.
        'cache-control': path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-store',
        'content-security-policy': policy,
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      },
      body: file.body,
    }
  }
}

function* filesIn(folder: string): Generator<readonly [path: string, file: { readonly type: string; readonly body: string }]> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = TYPES[extname(entry.name)]
    if (!entry.isFile() || type === undefined) continue
    const full = join(entry.parentPath, entry.name)
    yield [SITE_PATH + full.slice(folder.length + 1).replaceAll('\\', '/'), { type, body: readFileSync(full, 'utf8') }]
  }
}

function text(status: number, body: string): Reply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }, body }
}
