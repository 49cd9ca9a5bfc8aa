/** Settings of this machine, where there are any. */
import { existsSync } from 'node:fs'

if (existsSync('.env')) process.loadEnvFile('.env')
