// A certified OpenID provider for tests, on loopback: node server.mjs PORT [ISSUER]
// ISSUER is its name where a proxy with TLS stands in front.
//
// The pages at /interaction need no JavaScript, so that tests can post them. The endpoints under /test change the
// issuer while it runs: its clock, its keys, its metadata, its failures.
import { createServer } from "node:http";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import Provider, { interactionPolicy } from "oidc-provider";

const port = Number(process.argv[2]);
const issuer = process.argv[3] ?? `http://127.0.0.1:${port}`;
const SECOND_FACTOR = "urn:test:second-factor";
const PASSWORD = "correct horse";
const CODE = "246810";
const RESOURCE = "urn:test:resource";
const loopback = {
  application_type: "native",
  redirect_uris: ["http://127.0.0.1/callback"],
  grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
  token_endpoint_auth_method: "none",
  client_name: "satchel",
};

const realNow = Date.now;
const defaults = { metadata: {}, failures: {}, dropsIss: false, ignoresMaxAge: false };
let settings = { ...defaults };
let requests = [];
let keys = [];
let current;

function newKeys(generation) {
  const pairs = [
    ["RS256", generateKeyPairSync("rsa", { modulusLength: 2048 })],
    ["ES256", generateKeyPairSync("ec", { namedCurve: "P-256" })],
    ["EdDSA", generateKeyPairSync("ed25519")],
  ];
  return pairs.map(([alg, { privateKey }]) => ({
    ...privateKey.export({ format: "jwk" }),
    alg,
    use: "sig",
    kid: `${alg}-${generation}-${randomBytes(4).toString("hex")}`,
  }));
}

/** Ask again if the session lacks a second factor that the request wants. */
function policy() {
  const { Check, base } = interactionPolicy;
  const wanted = base();
  wanted.get("login").checks.add(
    new Check("second_factor", "a second factor is required", ({ oidc }) =>
      (oidc.params.acr_values ?? "").split(" ").includes(SECOND_FACTOR) && oidc.acr !== SECOND_FACTOR && !oidc.result?.login
        ? Check.REQUEST_PROMPT
        : Check.NO_NEED_TO_PROMPT,
    ),
  );
  return wanted;
}

function createProvider() {
  const provider = new Provider(issuer, {
    acrValues: ["urn:test:password", SECOND_FACTOR],
    clients: [
      { ...loopback, client_id: "satchel" },
      { ...loopback, client_id: "satchel-es256", id_token_signed_response_alg: "ES256" },
      { ...loopback, client_id: "satchel-eddsa", id_token_signed_response_alg: "EdDSA" },
      { ...loopback, client_id: "another-app" },
      { ...loopback, client_id: "satchel-secret", client_secret: "published", token_endpoint_auth_method: "client_secret_post" },
    ],
    claims: { openid: ["sub", "amr", "acr"], auth_time: null },
    cookies: { keys: ["test"] },
    jwks: { keys },
    interactions: { policy: policy(), url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    features: {
      claimsParameter: { enabled: true },
      devInteractions: { enabled: false },
      deviceFlow: {
        enabled: true,
        mask: "****-****",
        userCodeInputSource: (ctx, form, _out, error) => respond(ctx, error ? "wrong code" : "code", `${form}${submit("op.deviceInputForm")}`),
        userCodeConfirmSource: (ctx, form, _client, _device, code) => respond(ctx, `confirm ${code}`, `${form}${submit("op.deviceConfirmForm")}`),
        successSource: async (ctx) => {
          await carryNonce(ctx);
          respond(ctx, "signed in", "<p>Return to your device.</p>");
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        getResourceServerInfo: () => ({ scope: "", audience: "satchel", accessTokenFormat: "jwt", jwt: { sign: { alg: "RS256" } } }),
        useGrantedResource: () => true,
      },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: false },
    },
    pkce: { required: () => true },
    renderError: (ctx, out) => respond(ctx, "error", `<p>${escape(`${out.error}: ${out.error_description ?? ""}`)}</p>`),
    rotateRefreshToken: true,
    ttl: { DeviceCode: () => settings.deviceCodeSeconds ?? 600, IdToken: 3600, AccessToken: 3600, Interaction: 3600, Session: 86400, Grant: 86400, RefreshToken: 86400 },
  });
  provider.proxy = process.argv.length > 3;
  provider.use(async (ctx, next) => {
    if (settings.ignoresMaxAge && ctx.path === "/auth") ctx.query = changed(ctx.query, { max_age: null });
    await next();
    if (ctx.path === "/.well-known/openid-configuration") ctx.body = changed(ctx.body, settings.metadata);
    if (ctx.path === "/device/auth" && settings.deviceInterval) ctx.body = { ...ctx.body, interval: settings.deviceInterval };
    if (ctx.path === "/token" && ctx.body?.id_token && settings.tokenResponse) ctx.body = changed(ctx.body, settings.tokenResponse);
    if (settings.dropsIss && ctx.response.get("location")) ctx.set("location", withoutIss(ctx.response.get("location")));
  });
  return provider;
}

/** Merge changes into a document; null removes a member. */
function changed(document, changes) {
  const merged = { ...document, ...changes };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}

/** Put the nonce of a device's request into its ID token, as some issuers do and others do not. */
async function carryNonce(ctx) {
  if (settings.dropsDeviceNonce) return;
  const code = ctx.oidc.deviceCode ?? (await current.DeviceCode.find(ctx.oidc.entities.Interaction.deviceCode, { ignoreSessionBinding: true }));
  code.nonce = code.params.nonce;
  await code.save();
}

function withoutIss(location) {
  const url = new URL(location, issuer);
  if (!url.searchParams.has("iss")) return location;
  url.searchParams.delete("iss");
  return url.href;
}

const escape = (text) => String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
const submit = (form) => `<button type="submit" form="${form}">Continue</button>`;
const html = (title, body) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escape(title)}</title><h1>${escape(title)}</h1>${body}</html>`;

function respond(ctx, title, body) {
  ctx.type = "html";
  ctx.body = html(title, body);
}

function loginPage(message) {
  return html(
    "Sign in",
    `<p>${escape(message)}</p><form method="post">
<label>Name <input name="login" autocomplete="username"></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label>
<label>Code of the second factor <input name="otp" autocomplete="one-time-code"></label>
<button type="submit" name="action" value="login">Sign in</button>
<button type="submit" name="action" value="cancel">Cancel</button>
</form>`,
  );
}

const consentPage = html("Allow", '<form method="post"><button type="submit" name="action" value="allow">Allow</button></form>');

async function interact(request, response) {
  const details = await current.interactionDetails(request, response);
  if (request.method === "GET") return page(response, 200, details.prompt.name === "consent" ? consentPage : loginPage(""));
  const form = new URLSearchParams(await read(request));
  if (form.get("action") === "cancel") {
    return current.interactionFinished(request, response, { error: "access_denied", error_description: settings.denial ?? "the person cancelled" });
  }
  if (details.prompt.name === "consent") return allow(details, request, response);
  if (form.get("password") !== PASSWORD || !form.get("login")) return page(response, 401, loginPage("wrong name or password"));
  if (form.get("otp") && form.get("otp") !== CODE) return page(response, 401, loginPage("wrong code"));
  if (!form.get("otp") && (details.params.acr_values ?? "").includes(SECOND_FACTOR) && !settings.skipsSecondFactor) {
    return page(response, 401, loginPage("a second factor is required"));
  }
  const factors = form.get("otp") ? { amr: ["pwd", "otp", "mfa"], acr: SECOND_FACTOR } : { amr: ["pwd"], acr: "urn:test:password" };
  return current.interactionFinished(request, response, { login: { accountId: form.get("login"), ...factors } });
}

async function allow(details, request, response) {
  const { session, params, grantId } = details;
  const grant = grantId ? await current.Grant.find(grantId) : new current.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope("openid offline_access");
  grant.addOIDCClaims(["auth_time", "amr", "acr"]);
  grant.addResourceScope(RESOURCE, "");
  return current.interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
}

function page(response, status, body) {
  response.writeHead(status, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
  response.end(body);
}

function json(response, document) {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(document));
}

async function read(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

/** The endpoints of the tests. */
async function administer(path, request, response) {
  const body = JSON.parse((await read(request)) || "{}");
  if (path === "/test/clock") Date.now = () => realNow() + body.offset_s * 1000;
  else if (path === "/test/settings") Object.assign(settings, body);
  else if (path === "/test/rotate") rotate(body.keeps_old);
  else if (path === "/test/reset") reset();
  else if (path !== "/test/requests") return page(response, 404, "");
  return json(response, { requests });
}

/** Sign with new keys from now on. The old ones are still published if `keepsOld`. */
function rotate(keepsOld) {
  keys = [...newKeys(keys.length), ...(keepsOld ? keys : [])];
  current = createProvider();
}

function reset() {
  Date.now = realNow;
  settings = { ...defaults };
  requests = [];
}

async function serve(request, response) {
  const path = new URL(request.url, issuer).pathname;
  if (path.startsWith("/test/")) return administer(path, request, response);
  requests.push(`${request.method} ${path}`);
  const failure = settings.failures[path];
  if (failure === "hang") return undefined;
  if (failure) return page(response, failure, html("failure", ""));
  if (path.startsWith("/interaction/")) return interact(request, response);
  return current.callback()(request, response);
}

rotate(false);
createServer((request, response) => {
  serve(request, response).catch((error) => page(response, 500, html("error", `<pre>${escape(error.stack)}</pre>`)));
}).listen(port, "127.0.0.1", () => console.log("ready"));
