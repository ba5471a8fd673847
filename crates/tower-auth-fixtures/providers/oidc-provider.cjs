// A provider for tests: the npm package `oidc-provider`, which logs every user in without a page.
//
//     node oidc-provider.cjs PORT KEYS SECRET SCOPES
//
// PORT is the port of the loopback, or 0 for a free one. KEYS is the file that keeps the signing
// keys over a restart. SECRET is the secret of each client. SCOPES are the scopes of all resources.
//
// `POST /control/rotate` publishes new keys, signs with them, and removes the keys that signed
// before the previous rotation.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const crypto = require('node:crypto');
const { promisify } = require('node:util');
const { Provider } = require('oidc-provider');
const { createMemoryAdapter } = require('oidc-provider/lib/adapters/memory_adapter.js');

const [port, keysFile, secret, scopes] = process.argv.slice(2);

const generateKeyPair = promisify(crypto.generateKeyPair);

// One new key for each algorithm.
function generation() {
  const id = crypto.randomBytes(6).toString('hex');
  const key = async (alg, type, options) => {
    const { privateKey } = await generateKeyPair(type, options);
    return { ...privateKey.export({ format: 'jwk' }), kid: `${alg}-${id}`, alg, use: 'sig' };
  };
  return Promise.all([
    key('RS256', 'rsa', { modulusLength: 2048 }),
    key('ES256', 'ec', { namedCurve: 'P-256' }),
    key('EdDSA', 'ed25519'),
  ]);
}

// The new keys are the first: the provider signs with the first key of an algorithm.
async function addGeneration(previous) {
  const generations = [await generation(), ...previous].slice(0, 2);
  fs.writeFileSync(keysFile, JSON.stringify(generations));
  return generations;
}

async function readOrGenerate() {
  if (!fs.existsSync(keysFile)) return addGeneration([]);
  return JSON.parse(fs.readFileSync(keysFile, 'utf8'));
}

// The algorithm of a client's ID tokens is also that of its access tokens.
const client = (client_id, alg) => ({
  client_id,
  client_secret: secret,
  id_token_signed_response_alg: alg,
  grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
  redirect_uris: ['http://127.0.0.1/callback'],
  application_type: 'native',
  response_types: ['code'],
});

const configuration = {
  adapter: createMemoryAdapter(),
  clients: [client('rs256', 'RS256'), client('es256', 'ES256'), client('eddsa', 'EdDSA')],
  cookies: { keys: [crypto.randomBytes(32).toString('hex')] },
  scopes: ['openid', 'offline_access', ...scopes.split(' ')],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  clientBasedCORS: () => false,
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: id, email: `${id}@example.com`, email_verified: true }),
  }),
  pkce: { required: () => true },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true, allowedPolicy: () => true },
    backchannelLogout: { enabled: true },
    // Clients of MCP servers register themselves.
    registration: { enabled: true },
    // Any resource: the tests choose the audience. An access token for a resource is a JWT.
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      useGrantedResource: () => true,
      getResourceServerInfo: (ctx, resource, client) => ({
        scope: scopes,
        audience: resource,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: client.idTokenSignedResponseAlg } },
      }),
    },
  },
  ttl: {
    AccessToken: 3600,
    ClientCredentials: 3600,
    Grant: 3600,
    IdToken: 3600,
    Interaction: 3600,
    RefreshToken: 3600,
    Session: 3600,
  },
};

// The library reads its keys only once, so each set of keys has its own instance. They share the
// adapter: a login continues over a rotation.
function provide(issuer, generations) {
  const provider = new Provider(issuer, { ...configuration, jwks: { keys: generations.flat() } });
  return { provider, answer: provider.callback() };
}

// Logs the user of `login_hint` in, and grants everything that the client asks for.
async function interact(provider, request, response) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    const login = { accountId: params.login_hint ?? 'alice' };
    await provider.interactionFinished(request, response, { login });
    return;
  }
  const owner = { accountId: session.accountId, clientId: params.client_id };
  const grant = grantId ? await provider.Grant.find(grantId) : new provider.Grant(owner);
  const { missingOIDCScope, missingOIDCClaims, missingResourceScopes } = prompt.details;
  if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '));
  if (missingOIDCClaims) grant.addOIDCClaims(missingOIDCClaims);
  for (const [resource, missing] of Object.entries(missingResourceScopes ?? {})) {
    grant.addResourceScope(resource, missing.join(' '));
  }
  const result = { consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

async function main() {
  let generations = await readOrGenerate();
  let issuer;
  let current;

  async function answer(request, response) {
    if (request.method === 'POST' && request.url === '/control/rotate') {
      generations = await addGeneration(generations);
      current = provide(issuer, generations);
      response.end();
    } else if (request.url.startsWith('/interaction/')) {
      await interact(current.provider, request, response);
    } else {
      current.answer(request, response);
    }
  }

  const server = http.createServer((request, response) => {
    answer(request, response).catch((error) => {
      console.error(error);
      response.statusCode = 500;
      response.end(String(error));
    });
  });
  server.listen(Number(port), '127.0.0.1', () => {
    issuer = `http://127.0.0.1:${server.address().port}`;
    current = provide(issuer, generations);
    console.log(`listening: ${issuer}`);
  });
}

main();
