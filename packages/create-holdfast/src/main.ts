/** The program: what it is given by the process, and its exit code. */
import { command } from './command.ts'

process.exitCode = await command(process.argv.slice(2), {
  directory: process.cwd(),
  machine: { node: process.versions.node, platform: `${process.platform}-${process.arch}` },
  userAgent: process.env['npm_config_user_agent'],
  isTTY: process.stdin.isTTY && process.stdout.isTTY,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
})
