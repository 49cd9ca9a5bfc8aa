import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadGateway } from '../../packages/holdfast/src/gateway/load.ts'
import { type RunningGateway, startGateway } from '../../packages/holdfast/src/gateway/start.ts'
import { listen, type Listening } from '../../packages/holdfast/src/test/gateway-world.ts'

const HOST = 'api.example.com'
const silent = (): void => {}

/** `holdfast guard` as a page configures it, before an API that says who came. */
export class Gateway {
  readonly #running: RunningGateway
  readonly #upstream: Listening

  private constructor(running: RunningGateway, upstream: Listening) {
    this.#running = running
    this.#upstream = upstream
  }

  /** @param origin where the issuer listens */
  static async open(written: string, issuer: string, origin: string): Promise<Gateway> {
    const upstream = await listen((incoming, outgoing) => {
      const told = (name: string): unknown => incoming.headers[`x-holdfast-${name}`] ?? null
      const token = incoming.headers.authorization !== undefined
      outgoing.setHeader('content-type', 'application/json')
      outgoing.end(JSON.stringify({ subject: told('subject'), client: told('client'), scope: told('scope'), token }))
    })
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-docs-guard-'))
    writeFileSync(join(folder, 'guard.yaml'), written)
    const flags = new Map(
      Object.entries({ 'listen.port': '0', upstream: upstream.origin }).map(([path, text]) => [path, { text, name: path }]),
    )
    const { configuration, faults } = await loadGateway({ file: 'guard.yaml', flags, environment: {}, directory: folder })
    rmSync(folder, { recursive: true })
    if (configuration === undefined) throw new Error(faults.map(({ path, message }) => `${path} ${message}`).join('\n'))
    const fetcher = ((url: string, init: RequestInit) => fetch(url.replace(issuer, origin), init)) as typeof fetch
    return new Gateway(await startGateway(configuration, { info: silent, warn: silent, error: silent }, { fetch: fetcher }), upstream)
  }

  has(host: string | undefined): boolean {
    return host === HOST
  }

  fetch(target: string, init: RequestInit): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.#running.port}${target}`, init)
  }

  async close(): Promise<void> {
    await this.#running.close()
    await this.#upstream.close()
  }
}
