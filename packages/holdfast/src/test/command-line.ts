import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serverKinds } from '@holdfast/server'
import { openMemoryStore } from '@holdfast/store/memory'
import { run } from '../cli.ts'
import { serverAdmin } from '../commands/server-admin.ts'
import { newSecretsFile } from '../config/secrets.ts'

export interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A directory with secrets in it, and the program running there on a store that stays between commands. */
export class CommandLine {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'holdfast-cli-'))
  readonly environment: Record<string, string> = {}
  readonly #store = openMemoryStore(serverKinds)

  constructor(configuration?: object) {
    if (configuration === undefined) return
    writeFileSync(join(this.directory, 'holdfast.secrets.json'), newSecretsFile('first'), { mode: 0o600 })
    writeFileSync(join(this.directory, 'holdfast.config.json'), JSON.stringify(configuration))
  }

  async run(...argv: readonly string[]): Promise<Outcome> {
    let out = ''
    let err = ''
    const terminal = {
      out: (text: string) => void (out += text),
      err: (text: string) => void (err += text),
      environment: this.environment,
      directory: this.directory,
      isTTY: false,
    }
    const code = await run(argv, terminal, async ({ secrets }) => serverAdmin(this.#store, secrets, async () => {}))
    return { code, out, err }
  }

  write(name: string, content: object): void {
    writeFileSync(join(this.directory, name), JSON.stringify(content))
  }
}
