import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'

/** `holdfast schema`: the JSON Schema of the configuration, for editors. */
export function addSchema(program: Command, terminal: Terminal): void {
  program
    .command('schema')
    .description('print the JSON Schema of the configuration')
    .option('--guard', 'that of holdfast guard')
    .option('--json', 'accepted for symmetry: a schema is JSON')
    .action(async ({ guard }: { readonly guard?: boolean }) => {
      const { guardSchemaText, jsonSchemaText } = await import('../config/reference.ts')
      terminal.out(guard === true ? guardSchemaText() : jsonSchemaText())
    })
}
