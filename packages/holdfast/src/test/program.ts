import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../bin/holdfast.cjs', import.meta.url))
if (!existsSync(new URL('../../dist/main.js', import.meta.url)))
  throw new Error('tests that start processes run what is built: tsc -b first')

type Child = ChildProcessByStdio<null, Readable, Readable>
const children: Child[] = []

/** For `afterEach`. */
export function killAll(): void {
  for (const child of children.splice(0)) child.kill('SIGKILL')
}

interface Line {
  readonly msg: string
  readonly url?: string
  readonly seconds?: number
}

/** The program in a process of its own, and the lines of its log. */
export class Program {
  readonly child: Child
  readonly lines: Line[] = []
  readonly ended: Promise<readonly [number | null, NodeJS.Signals | null]>
  err = ''
  #told: () => void = () => {}

  constructor(argv: readonly string[], directory: string) {
    this.child = spawn(process.execPath, [program, ...argv], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] },
    })
    children.push(this.child)
    let rest = ''
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const complete = (rest + text).split('\n')
      rest = complete.pop() ?? ''
      for (const line of complete) this.lines.push(JSON.parse(line) as Line)
      this.#told()
    })
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.err += text))
    this.ended = once(this.child, 'close') as unknown as Program['ended']
    void this.ended.then(() => this.#told())
  }

  /** The log's line, as soon as it is there. */
  async line(msg: string): Promise<Line> {
    for (;;) {
      const found = this.lines.find((line) => line.msg === msg)
      if (found !== undefined) return found
      if (this.child.exitCode !== null) throw new Error(`ended without ${msg}: ${this.err}`)
      await new Promise<void>((resolve) => (this.#told = resolve))
    }
  }
}
