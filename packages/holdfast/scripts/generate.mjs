// Writes the JSON Schemas and the pages of options from the schemas of the configurations, so that none is ever
// edited by hand; src/config/reference.test.ts fails when they are old. Runs on what `tsc -b` built.
import { writeFileSync } from 'node:fs'
import { guardOptionsPage, guardSchemaText, jsonSchemaText, optionsPage } from '../dist/config/reference.js'

const at = (name) => new URL(`../${name}`, import.meta.url)
writeFileSync(at('holdfast.schema.json'), jsonSchemaText())
writeFileSync(at('OPTIONS.md'), optionsPage())
writeFileSync(at('holdfast.guard.schema.json'), guardSchemaText())
writeFileSync(at('GUARD-OPTIONS.md'), guardOptionsPage())
