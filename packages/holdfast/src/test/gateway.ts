import type { Log } from '@holdfast/server'
import { loadGateway } from '../gateway/load.ts'
import { type RunningGateway, startGateway } from '../gateway/start.ts'
import { type Listening, RESOURCE } from './gateway-world.ts'

export interface TestGateway extends RunningGateway {
  readonly origin: string
  readonly said: string[]
}

/** The gateway in this process, from options as they stand in a file, on a free port; `file` is one that says the rest. */
export async function openGateway(issuer: Listening, options: Readonly<Record<string, unknown>>, file?: string): Promise<TestGateway> {
  const written = { issuer: issuer.origin, 'listen.port': 0, ...(file === undefined && { resource: RESOURCE }), ...options }
  const flags = Object.entries(written).map(
    ([path, value]) => [path, { text: typeof value === 'string' ? value : JSON.stringify(value), name: path }] as const,
  )
  const { configuration, faults } = await loadGateway({ file, flags: new Map(flags), environment: {}, directory: '/nonexistent' })
  if (configuration === undefined) throw new Error(JSON.stringify(faults))
  const said: string[] = []
  const line = (event: string): void => void said.push(event)
  const log: Log = { info: line, warn: line, error: line }
  const running = await startGateway(configuration, log)
  return { ...running, origin: `http://127.0.0.1:${running.port}`, said }
}
