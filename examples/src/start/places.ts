/** Where everything of the example runs. */
export interface Places {
  readonly issuer: string
  readonly api: string
  /** An MCP server's identifier (RFC 8707). */
  readonly mcp: string
  readonly client: string
  /** A page and its backend, on one origin. */
  readonly bff: string
}
