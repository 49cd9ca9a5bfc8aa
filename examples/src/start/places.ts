/** Where everything of the example runs. */
export interface Places {
  readonly issuer: string
  readonly api: string
  /** An MCP server's identifier (RFC 8707). */
  readonly mcp: string
  readonly client: string
}
