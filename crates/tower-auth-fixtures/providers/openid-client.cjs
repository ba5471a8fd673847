// Obtains tokens as an application does: with the npm package `openid-client`. Prints them as JSON.
//
//     node openid-client.cjs ISSUER CLIENT SECRET RESOURCE SCOPE
//
// The output has a member for each grant: `client_credentials`, and `authorization_code` with PKCE
// for the user alice, whose password is SECRET too.
'use strict';

const openid = require('openid-client');

const [issuer, clientId, secret, resource, scope] = process.argv.slice(2);
const redirectUri = 'http://127.0.0.1/callback';

// Fills in the form of a login page, with the values that the page has set.
function fillIn(page) {
  const values = new URLSearchParams();
  for (const [input] of page.matchAll(/<input\b[^>]*>/g)) {
    const [, name] = input.match(/\bname="([^"]*)"/) ?? [];
    const [, value] = input.match(/\bvalue="([^"]*)"/) ?? [];
    if (name === 'login') values.set(name, 'alice');
    else if (name === 'password') values.set(name, secret);
    else if (input.includes('type="hidden"')) values.set(name, value ?? '');
  }
  return values;
}

// Follows the provider's redirects and fills in its login pages, as a browser does, until the
// provider sends the user back to the application. Returns that address.
async function visit(start) {
  const cookies = new Map();
  let address = start;
  let body;
  for (let steps = 0; steps < 20; steps += 1) {
    const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
    const method = body ? 'POST' : 'GET';
    const response = await fetch(address, { method, headers, body, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair] = cookie.split(';');
      const at = pair.indexOf('=');
      cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const location = response.headers.get('location');
    const page = await response.text();
    if (location) {
      address = new URL(location, address);
      if (address.href.startsWith(redirectUri)) return address;
      body = undefined;
    } else if (response.ok && /<form\b[^>]*method="post"/i.test(page)) {
      body = fillIn(page);
    } else {
      throw new Error(`${address}: ${response.status} ${page}`);
    }
  }
  throw new Error(`too many steps, the last one at ${address}`);
}

async function main() {
  const insecure = { execute: [openid.allowInsecureRequests] };
  const client = await openid.discovery(new URL(issuer), clientId, undefined,
    openid.ClientSecretBasic(secret), insecure);

  const own = await openid.clientCredentialsGrant(client, { resource, scope });

  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const expectedState = openid.randomState();
  const expectedNonce = openid.randomNonce();
  const start = openid.buildAuthorizationUrl(client, {
    redirect_uri: redirectUri,
    scope: `openid ${scope}`,
    resource,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    login_hint: 'alice',
  });
  const back = await visit(start);
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
  const code = await openid.authorizationCodeGrant(client, back, checks, { resource });

  console.log(JSON.stringify({ client_credentials: own, authorization_code: code }));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
