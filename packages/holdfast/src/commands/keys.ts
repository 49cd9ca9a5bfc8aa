import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'
import type { OpenServerAdmin } from './server-admin.ts'
import { addSourceOptions, configurationFrom, type SourceOptions } from './source-options.ts'
import { table } from './table.ts'

/** `holdfast keys list|rotate`. */
export function addKeys(program: Command, terminal: Terminal, open: OpenServerAdmin): void {
  const keys = program.command('keys').description('the keys that tokens are signed with')

  addSourceOptions(keys.command('list').description('list the published keys')).action(async (options: SourceOptions) => {
    const { configuration } = await configurationFrom(terminal, options)
    const admin = await open(configuration)
    try {
      const found = await admin.listKeys()
      if (options.json === true) return terminal.out(`${JSON.stringify({ keys: found })}\n`)
      if (found.length === 0) return terminal.out('no keys yet: the server makes them at its first start\n')
      terminal.out(
        table(
          ['ALG', 'STATE', 'SIGNS FROM', 'KID'],
          found.map((key) => [key.alg, key.state, new Date(key.activeFrom * 1000).toISOString(), key.kid]),
        ),
      )
    } finally {
      await admin.close()
    }
  })

  addSourceOptions(keys.command('rotate').description('publish new keys; they sign a day later, when every cache has them'))
    .option('--immediately', 'sign with them from now on: verifiers that hold the old set must fetch it again')
    .action(async (options: SourceOptions & { readonly immediately?: boolean }) => {
      const { configuration } = await configurationFrom(terminal, options)
      const admin = await open(configuration)
      try {
        const kids = await admin.rotateKeys(options.immediately === true)
        if (options.json === true) return terminal.out(`${JSON.stringify({ kids, immediately: options.immediately === true })}\n`)
        terminal.out(
          `published ${kids.length} keys, ${options.immediately === true ? 'signing now' : 'signing in 24 hours'}:\n${kids.map((kid) => `  ${kid}\n`).join('')}`,
        )
      } finally {
        await admin.close()
      }
    })
}
