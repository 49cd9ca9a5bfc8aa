import { isCancel, select, text } from '@clack/prompts'
import { resolve } from 'node:path'
import type { Arguments } from './arguments.ts'
import { Refusal } from './refusal.ts'
import { PACKAGE_MANAGERS, type PackageManager, type TemplateName, TEMPLATES } from './templates.ts'
import { refuseUnlessFree } from './write.ts'

export interface Answers {
  readonly folder: string
  readonly template: TemplateName
  readonly packageManager: PackageManager
}

export const DEFAULT_FOLDER = 'holdfast-app'

/** What `--yes` means. */
export function defaults(given: Arguments, packageManager: PackageManager): Answers {
  return {
    folder: given.folder ?? DEFAULT_FOLDER,
    template: given.template ?? TEMPLATES[0].name,
    packageManager: given.packageManager ?? packageManager,
  }
}

/** Asks for what the command line left open. */
export async function ask(given: Arguments, packageManager: PackageManager, directory: string): Promise<Answers> {
  const folder = given.folder ?? answered(await text({ message: 'Where?', initialValue: DEFAULT_FOLDER, validate: faultOf(directory) }))
  const template =
    given.template ??
    answered(
      await select({
        message: 'What?',
        options: TEMPLATES.map(({ name, about }) => ({ value: name, label: name, hint: about })),
      }),
    )
  const chosen =
    given.packageManager ??
    answered(
      await select({
        message: 'Installed by?',
        initialValue: packageManager,
        options: PACKAGE_MANAGERS.map((name) => ({ value: name, label: name })),
      }),
    )
  return { folder, template, packageManager: chosen }
}

function answered<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new Refusal('Stopped; nothing was written.')
  return answer as Exclude<T, symbol>
}

/** While the person is still there to name another. */
function faultOf(directory: string): (answer: string | undefined) => string | undefined {
  return (answer) => {
    try {
      refuseUnlessFree(resolve(directory, answer ?? ''))
      return undefined
    } catch (error) {
      if (error instanceof Refusal) return error.message
      throw error
    }
  }
}
