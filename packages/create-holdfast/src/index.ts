/** `npm create holdfast` for programs: the same folder, without a terminal. */
export type { Machine } from './manifest.ts'
export { Refusal } from './refusal.ts'
export { PACKAGE_MANAGERS, type PackageManager, type Template, type TemplateName, TEMPLATES } from './templates.ts'
export { type Wanted, writeStarter } from './write.ts'
