import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './run.mjs'

/** The packages that are published, each with its manifest. */
export function publishable() {
  return readdirSync(join(root, 'packages'))
    .map((name) => ({
      folder: join(root, 'packages', name),
      manifest: JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')),
    }))
    .filter(({ manifest }) => manifest.private !== true)
}

/**
 * Packs all of them as `npm publish` would.
 * @param {string} destination an existing folder
 * @returns {Promise<{ name: string, manifest: Record<string, any>, folder: string, tarball: string, files: string[] }[]>}
 */
export async function packAll(destination) {
  const packages = publishable()
  const workspaces = packages.flatMap(({ manifest }) => ['--workspace', manifest.name])
  const { code, output, error } = await run(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', destination, ...workspaces],
    { quiet: true },
  )
  if (code !== 0) throw new Error(`npm pack failed:\n${output}${error}`)
  const packed = JSON.parse(output)
  return packages.map(({ folder, manifest }) => {
    const entry = Object.values(packed).find(({ name }) => name === manifest.name)
    return { name: manifest.name, manifest, folder, tarball: join(destination, entry.filename), files: entry.files.map(({ path }) => path) }
  })
}

/** What a tarball carries and nobody who installs it needs. A starter's tests are its user's. */
export function strays(files) {
  return files.filter((path) => !path.startsWith('templates/') && /\.test\.tsx?$|(^|\/)test\/|\.tsbuildinfo$|(^|\/)fixtures\//.test(path))
}
