/** From a running application to what it is for: a signed-in page, or the first call that is let in. */
import { findChromium } from '../chromium.mjs'
import { run } from '../run.mjs'

const SLOWEST = 30_000

/** An API has a program that calls it; it prints one line a call. */
async function calls({ folder, env }, ...lines) {
  const { code, output, error } = await run('npm', ['run', '--silent', 'call'], { cwd: folder, env, quiet: true })
  const missing = lines.find((line) => !output.includes(line))
  if (code !== 0 || missing !== undefined) throw new Error(`npm run call ended with ${code}, without "${missing}":\n${output}${error}`)
}

export const DRIVES = {
  'express-api': (app) => calls(app, 'GET /notes: 200', 'DELETE /notes: 401', 'insufficient_user_authentication'),
  'mcp-server': (app) => calls(app, 'whoami: '),
}
