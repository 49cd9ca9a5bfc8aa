export type TemplateName = 'express-api' | 'spa-bff' | 'nextjs' | 'mcp-server'

export interface Template {
  readonly name: TemplateName
  /** One line, for who chooses. */
  readonly about: string
}

/** The first is what `--yes` takes. Each is a folder in `templates/`. */
export const TEMPLATES: readonly [Template, ...Template[]] = [
  { name: 'spa-bff', about: 'React in the browser, its tokens on the server (Vite, Express)' },
  { name: 'nextjs', about: 'Next.js with sign-in and a protected page' },
  { name: 'express-api', about: 'an API that takes bound tokens (Express)' },
  { name: 'mcp-server', about: 'an MCP server whose tools need a token' },
]

export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun'

export const PACKAGE_MANAGERS: readonly PackageManager[] = ['npm', 'pnpm', 'yarn', 'bun']

/** Who runs `create`: each sets `npm_config_user_agent`, such as `pnpm/12.21.0 npm/? node/v24.21.0`. */
export function packageManagerOf(userAgent: string | undefined): PackageManager {
  return PACKAGE_MANAGERS.find((name) => userAgent?.startsWith(`${name}/`)) ?? 'npm'
}
