// Writes holdfast.schema.json and OPTIONS.md from the schema of the configuration, so that neither is ever
// edited by hand; src/config/reference.test.ts fails when they are old. Runs on what `tsc -b` built.
import { writeFileSync } from 'node:fs'
import { jsonSchemaText, optionsPage } from '../dist/config/reference.js'

const at = (name) => new URL(`../${name}`, import.meta.url)
writeFileSync(at('holdfast.schema.json'), jsonSchemaText())
writeFileSync(at('OPTIONS.md'), optionsPage())
