// A certified OpenID provider on loopback, with two accounts; anybody signs in as who they say.
import { createRequire } from 'node:module';
const require = createRequire(process.argv[2] + '/');
const { default: Provider } = await import(require.resolve('oidc-provider'));
const port = Number(process.argv[3]);
const back = process.argv[4];
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: 'accrete', client_secret: 'a secret of the test', redirect_uris: [back] }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: false,
  pkce: { methods: ['S256'], required: () => true },
  cookies: { keys: ['a key of the test'] },
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({
      sub: id, email: `${id}@example.com`, email_verified: id !== 'unverified',
    }),
  }),
});
provider.listen(port, '127.0.0.1', () => console.log('ready'));
