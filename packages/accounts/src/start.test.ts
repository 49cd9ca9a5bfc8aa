import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

/** The modules of WebAuthn that are loaded after a program did that, in a process of its own. */
async function loadedBy(program: string): Promise<number> {
  const text = `
    import { registerHooks } from 'node:module'
    let loaded = 0
    registerHooks({ resolve: (name, context, next) => (name.startsWith('@simplewebauthn/') && loaded++, next(name, context)) })
    const { createAccounts, accountKinds } = await import('@holdfast/accounts')
    const { openMemoryStore } = await import('@holdfast/store/memory')
    const accounts = createAccounts({ store: openMemoryStore(accountKinds) })
    const place = { rpId: 'as.example', rpName: 'Example', origin: 'https://as.example' }
    ${program}
    console.log(loaded)`
  const folder = fileURLToPath(new URL('..', import.meta.url))
  const { stdout } = await run(process.execPath, ['--conditions=source', '--input-type=module', '--eval', text], { cwd: folder })
  return Number(stdout)
}

test('who has no passkeys does not load WebAuthn: not at the start, not with each sign-in page', async () => {
  expect(await loadedBy(`await accounts.passkeys.requestOptions(place); await accounts.passkeys.verify(place, '', '{}', 0)`)).toBe(0)
  expect(
    await loadedBy(`
      const { sub } = await accounts.createAccount({ username: 'dana', password: 'correct horse' })
      const { challenge } = await accounts.passkeys.creationOptions(place, sub)
      const response = { clientDataJSON: 'e30', attestationObject: 'oA' }
      await accounts.passkeys.add(place, sub, challenge, JSON.stringify({ id: 'AAAA', rawId: 'AAAA', type: 'public-key', response }), 'x', 0)`),
  ).toBeGreaterThan(0)
})
