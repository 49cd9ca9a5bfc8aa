/** Relying parties with an address of their own on loopback: what the server is told of each, by its name. */
const LOGOUT = [
  'post_logout_redirect_uris',
  'backchannel_logout_uri',
  'backchannel_logout_session_required',
  'frontchannel_logout_uri',
  'frontchannel_logout_session_required',
]

/** The name is the `client_id`. One is told of a logout by one channel only: else nobody would know which it was. */
export const PARTIES = {
  mod_auth_openidc: (origin) => ({
    redirect_uris: [`${origin}/oidc`],
    post_logout_redirect_uris: [`${origin}/goodbye.html`],
    backchannel_logout_uri: `${origin}/oidc?logout=backchannel`,
    backchannel_logout_session_required: true,
  }),
  'mod_auth_openidc-front': (origin) => ({
    redirect_uris: [`${origin}/oidc`],
    post_logout_redirect_uris: [`${origin}/goodbye.html`],
    frontchannel_logout_uri: `${origin}/oidc?logout=get`,
    frontchannel_logout_session_required: true,
  }),
  'mod_auth_openidc-monitored': (origin) => ({
    redirect_uris: [`${origin}/oidc`],
    // It leads back to the page that noticed.
    post_logout_redirect_uris: [`${origin}/private/monitored.html`],
  }),
  'express-openid-connect': (origin) => ({
    redirect_uris: [`${origin}/callback`],
    post_logout_redirect_uris: [`${origin}/goodbye`],
    backchannel_logout_uri: `${origin}/backchannel-logout`,
  }),
  'auth-core': (origin) => ({ redirect_uris: [`${origin}/auth/callback/holdfast`] }),
  // It knows no PKCE, which OAuth 2.1 §7.5.1 lets a confidential client leave out that sends `nonce`.
  passport: (origin) => ({
    redirect_uris: [`${origin}/callback`],
    token_endpoint_auth_method: 'client_secret_post',
    unsafe_without_pkce: true,
  }),
  'oidc-client-ts': (origin) => ({
    redirect_uris: [`${origin}/callback.html`, `${origin}/silent.html`],
    post_logout_redirect_uris: [`${origin}/goodbye.html`],
    token_endpoint_auth_method: 'none',
  }),
  // Without a secret and without https a person is asked each time (OAuth 2.1 §7.3.1), so nothing is renewed silently.
  'oidc-client-ts-silent': (origin) => ({
    redirect_uris: [`${origin}/callback.html`, `${origin}/silent.html`],
    token_endpoint_auth_method: 'client_secret_post',
  }),
  // What it checks is signed with RS256 where its application says nothing; so are its logout tokens then.
  spring: (origin) => ({
    id_token_signed_response_alg: 'RS256',
    redirect_uris: [`${origin}/login/oauth2/code/holdfast`],
    post_logout_redirect_uris: [`${origin}/goodbye`],
    backchannel_logout_uri: `${origin}/logout/connect/back-channel/holdfast`,
  }),
  authlib: (origin) => ({ redirect_uris: [`${origin}/callback`], post_logout_redirect_uris: [`${origin}/goodbye`] }),
  // For libraries that read what a logout brings and leave the listening to their application.
  listener: (origin) => ({
    redirect_uris: [`${origin}/callback`],
    backchannel_logout_uri: `${origin}/backchannel`,
    backchannel_logout_session_required: true,
  }),
}

/** @param withLogout whether this server knows the metadata of signing out */
export function partyClients({ parties, secret }, withLogout) {
  return Object.entries(PARTIES).map(([name, metadata]) => {
    const told = Object.entries(metadata(parties[name])).filter(([member]) => withLogout || !LOGOUT.includes(member))
    const client = { client_id: name, scope: 'openid profile email offline_access', ...Object.fromEntries(told) }
    return client.token_endpoint_auth_method === 'none' ? client : { ...client, client_secret: secret }
  })
}
