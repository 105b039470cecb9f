/**
 * The script inside the page (build.mjs inlines it; the policy pins its hash): requests the sealed body while the main
 * script is still being loaded. Only for a share that opens by itself, without password and view limit.
 */

import { isPrerendering, missingSupport } from "./browser";
import { requestBody } from "./share/cloud";
import { parseFragment } from "./share/fragment";
import { deriveProof, parseKey } from "./share/identity";

declare global {
  interface Window {
    /** The response to the proof; the main script takes it once. */
    satchelPrefetch?: Promise<Response> | null;
  }
}

const info = document.documentElement.dataset["info"];
const secret = parseKey(parseFragment(location.hash).key);

if (info && secret && !isPrerendering() && !missingSupport()) {
  const { limited, password } = JSON.parse(info) as { limited: boolean; password: unknown };
  if (!limited && !password) {
    window.satchelPrefetch = deriveProof(secret).then(requestBody);
    window.satchelPrefetch.catch(() => undefined); // the main script reports it
  }
}
