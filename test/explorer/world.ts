import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  createConfidentialClient,
  createRun,
  createStage,
  type Flow,
  FLOWS,
  importSigningKey,
  type Runner,
  type Stage,
  type World,
} from '@holdfast/explorer'
import { Person } from './person.ts'

/** What takes a check out of the program while it is loaded; see attacks/weaken.mjs. */
export interface Patch {
  readonly file: string
  readonly find: string
  readonly put: string
}

const program = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url))
const weaken = new URL('../../attacks/weaken.mjs', import.meta.url).href

/** What `npm start` serves, with the engine of the explorer before it, and somebody to sign in. */
export class Demo {
  readonly #folder: string
  readonly #stop: () => Promise<void>
  readonly #person: Person
  readonly #stages: { readonly page: Stage; readonly backend: Stage }
  readonly #sent: readonly string[]
  readonly issuer: string

  private constructor(
    folder: string,
    stop: () => Promise<void>,
    person: Person,
    stages: { readonly page: Stage; readonly backend: Stage },
    sent: readonly string[],
    issuer: string,
  ) {
    this.#folder = folder
    this.#stop = stop
    this.#person = person
    this.#stages = stages
    this.#sent = sent
    this.issuer = issuer
  }

  /** All that went over the wire between clients and receivers, and between the person's browser and the server, as it was. */
  get wire(): readonly string[] {
    return [...this.#sent, ...this.#person.wire]
  }

  get password(): string {
    return this.#person.password
  }

  static async start(patches: readonly Patch[] = []): Promise<Demo> {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-explorer-'))
    const port = await fourFreePorts()
    const { password, stop } = await startProgram(folder, port, patches)
    const issuer = `http://localhost:${port}`
    const client = `http://localhost:${port + 2}`
    const world = (await (await fetch(`${issuer}/explorer/explorer.json`)).json()) as World
    const backendWorld = { ...world, redirectUri: `${client}/explorer/callback` }
    const jwk = JSON.parse(readFileSync(join(folder, 'example-backend.jwk.json'), 'utf8')) as Record<string, unknown>
    const key = await importSigningKey(jwk)
    const person = new Person(issuer, password, [world.redirectUri, backendWorld.redirectUri], [world.bff ?? issuer])
    // What this page sends anywhere without asking first carries the cookies of her browser.
    const send = (url: string, init: RequestInit): Promise<Response> =>
      init.mode === 'no-cors' ? person.script(`${issuer}/explorer/`, url, init) : fetch(url, init)
    const navigate = (url: string): Promise<string> => person.visit(url)
    const wait = async (milliseconds: number): Promise<void> => {
      await person.act()
      await new Promise((resolve) => setTimeout(resolve, milliseconds))
    }
    const confidential = createConfidentialClient({ clientId: 'backend-example', issuer, key, kid: String(jwk['kid']) })
    const sent: string[] = []
    const recorded: Stage['fetch'] = async (url, init) => {
      const response = await send(url, init)
      if (!url.startsWith(`${issuer}/explorer/trace`))
        sent.push(url, JSON.stringify(init), JSON.stringify([...response.headers]), await response.clone().text())
      return response
    }
    const parts = { navigate, wait, fetch: recorded }
    const stages = { page: createStage({ world, ...parts }), backend: createStage({ world: backendWorld, ...parts, client: confidential }) }
    return new Demo(folder, stop, person, stages, sent, issuer)
  }

  /** Runs a flow so far. */
  async run(flowId: string, steps: number): Promise<Runner> {
    const flow = flowOf(flowId)
    const run = createRun(flow, flow.by === 'page' ? this.#stages.page : this.#stages.backend)
    run.subscribe(() => {
      this.#person.waiting = run.view.waiting
      if (run.view.asking !== undefined) run.answer?.(this.#person.password)
    })
    for (let done = 0; done < steps; done++) {
      await run.step()
      if (run.view.failed !== undefined) throw new Error(`${flowId} failed: ${run.view.failed.say}`)
    }
    return run
  }

  async stop(): Promise<void> {
    await this.#stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

export function flowOf(id: string): Flow {
  const flow = FLOWS.find((one) => one.id === id)
  if (flow === undefined) throw new Error(`no flow ${id}`)
  return flow
}

async function startProgram(
  folder: string,
  port: number,
  patches: readonly Patch[],
): Promise<{ readonly password: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [program], {
    env: {
      ...process.env,
      HOLDFAST_DEMO_PORT: String(port),
      HOLDFAST_DEMO_DATA: folder,
      HOLDFAST_ATTACK_WEAKENING: JSON.stringify(patches),
      NODE_OPTIONS: `--import=${weaken}`,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let output = ''
  const password = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (data: Buffer) => {
        output += data.toString()
        const printed = /password {2,}(\S+)\n/.exec(output)?.[1]
        if (printed !== undefined) resolve(printed)
      })
    void ended.then((code) => reject(new Error(`the program ended with ${code}\n${output}`)))
  })
  return {
    password,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function fourFreePorts(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 20_000)
    if ((await Promise.all([0, 1, 2, 3].map((more) => free(port + more)))).every(Boolean)) return port
  }
}

function free(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, 'localhost', () => server.close(() => resolve(true)))
  })
}
