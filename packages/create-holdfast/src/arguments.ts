import { parseArgs } from 'node:util'
import { Refusal } from './refusal.ts'
import { PACKAGE_MANAGERS, type PackageManager, TEMPLATES, type TemplateName } from './templates.ts'

/** What the command line says; what it leaves open is asked, or taken from `--yes`. */
export interface Arguments {
  readonly folder: string | undefined
  readonly template: TemplateName | undefined
  readonly packageManager: PackageManager | undefined
  readonly yes: boolean
  /** A folder of packed tarballs to install instead of what is published. */
  readonly packages: string | undefined
  readonly show: 'help' | 'version' | undefined
}

export const HELP: string = `Usage: npm create holdfast@latest [folder] -- [options]

  --template NAME           ${TEMPLATES.map(({ name }) => name).join(', ')}
  --package-manager NAME    ${PACKAGE_MANAGERS.join(', ')}
  --yes                     ask nothing
  --packages DIRECTORY      install tarballs of Holdfast from there, instead of the published packages
  --help, --version
`

/** @throws {Refusal} for what cannot be meant */
export function readArguments(line: readonly string[]): Arguments {
  const { values, positionals } = parse(line)
  if (positionals.length > 1) throw new Refusal(`One folder at a time: ${positionals.join(', ')} are ${positionals.length}.`)
  return {
    folder: positionals[0],
    template: oneOf(
      '--template',
      values.template,
      TEMPLATES.map(({ name }) => name),
    ),
    packageManager: oneOf('--package-manager', values['package-manager'], PACKAGE_MANAGERS),
    yes: values.yes,
    packages: values.packages,
    show: values.help ? 'help' : values.version ? 'version' : undefined,
  }
}

interface Parsed {
  readonly values: {
    readonly template?: string | undefined
    readonly 'package-manager'?: string | undefined
    readonly packages?: string | undefined
    readonly yes: boolean
    readonly help: boolean
    readonly version: boolean
  }
  readonly positionals: readonly string[]
}

function parse(args: readonly string[]): Parsed {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        template: { type: 'string', short: 't' },
        'package-manager': { type: 'string' },
        packages: { type: 'string' },
        yes: { type: 'boolean', short: 'y', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', short: 'v', default: false },
      },
    })
  } catch (error) {
    throw new Refusal(`${(error as Error).message.split('. ')[0]}.\n\n${HELP}`)
  }
}

function oneOf<Name extends string>(option: string, given: string | undefined, names: readonly Name[]): Name | undefined {
  if (given === undefined) return undefined
  const found = names.find((name) => name === given)
  if (found === undefined) throw new Refusal(`${option} must be one of ${names.join(', ')}; ${given} is none of them.`)
  return found
}
