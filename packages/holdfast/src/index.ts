/** What the program offers to scripts: read a configuration as `holdfast serve` does, and start the server in process. */
export type { Configuration, Loaded, Origin, SeedAccount } from './config/configuration.ts'
export { type ConfigurationInput, defineConfig } from './config/define-config.ts'
export type { LoadOptions } from './config/gather.ts'
export { loadConfiguration } from './config/load.ts'
export { createLog, type LogOptions } from './log.ts'
export { worldOf } from './explorer/world.ts'
export { Trace, type TraceEntry } from './explorer/trace.ts'
export { type Running, start, type StartOptions } from './serve.ts'
