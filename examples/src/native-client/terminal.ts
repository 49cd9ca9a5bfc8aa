import { spawn } from 'node:child_process'

/** Without control characters: what a server sends must not move the cursor or colour other lines. */
const plain = (text: string): string => text.replaceAll(/\p{Cc}/gu, (one) => (one === '\n' ? one : ' '))

export function say(text: string): void {
  process.stdout.write(`${plain(text)}\n`)
}

export function tell(text: string): void {
  process.stderr.write(`${plain(text)}\n`)
}

/** Whether an address that a server gave may be opened, or shown to be opened: a page of the web, and plain http on this machine alone. */
export function mayBeOpened(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname))
}

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/**
 * Opens the system's browser: its cookies, passkeys and address bar are what makes the sign-in safe, and a view of our own
 * would see the password (RFC 8252 §8.12). The address is an argument and meets no shell.
 */
export function openInBrowser(url: URL): void {
  const [command, ...args] = OPENERS[process.platform] ?? ['xdg-open']
  spawn(command, [...args, url.href], { stdio: 'ignore', detached: true })
    .on('error', () => tell('No browser could be opened: open the address yourself.'))
    .unref()
}
