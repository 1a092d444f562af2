/** What the example prints when all of it runs: commands to paste, in the order of the story. */

import type { Facts, Ports } from './facts.ts'
import { API_NAME } from './front-door.ts'

export function wordsToTry(ports: Ports, facts: Facts, data: string): string {
  const api = `https://${API_NAME}:${ports.https}`
  const { user, reportingId, reportingSecret, identityUrl, poolId } = facts
  return `
All of it runs. In another terminal, in this folder:

  export POSTERN_DATA='${data}' CURL_CA_BUNDLE='${data}/certificates/ca.pem'
  postern() { npm run -s postern -- "$@"; }

1. A customer, ${user.name}, signs in by SRP with Amazon's own library, and calls:

  curl -si -w '\\n' ${api}/api/orders/42
  TOKEN=$(npm run -s example:sign-in)
  curl -si -w '\\n' ${api}/api/orders/42 -H "Authorization: Bearer $TOKEN" -H 'x-internal-role: admin' -H 'x-user: root'

2. A sign-in by SDK may read; placing an order needs a scope. Why it was refused:

  curl -si -w '\\n' ${api}/api/orders -H "Authorization: Bearer $TOKEN" -d '{"item":"a lamp"}'
  postern explain --last 403

3. In a browser: ${`http://localhost:${ports.storefront}/`} (${user.name}, ${user.password})

4. A machine signs in by itself. It may call five times a second, ten times at once, and twenty times a day:

  MACHINE=$(curl -s ${identityUrl}/${poolId}/oauth2/token -u '${reportingId}:${reportingSecret}' \\
    -d grant_type=client_credentials -d scope=orders/read | node -p 'JSON.parse(require("fs").readFileSync(0)).access_token')
  curl -so /dev/null -w '%{http_code} ' '${api}/api/orders?[1-15]' -H "Authorization: Bearer $MACHINE"; echo
  postern explain --last 429
  for i in $(seq 15); do sleep 0.3; curl -so /dev/null -w '%{http_code} ' ${api}/api/orders -H "Authorization: Bearer $MACHINE"; done; echo
  postern explain --last 429
  sleep 2; postern usage        # usage is written every two seconds

5. The way in. Nothing listens inside but what the agent's link leads to; stop an ingress, and calls go to the other:

  postern links show inside
  curl -si -w '\\n' ${api}/api/orders/42 -H "Authorization: Bearer $TOKEN"
  postern explain --last 200

6. What was measured: this terminal shows a line for each call and each trace;

  curl -s http://localhost:${ports.control}/metrics | grep postern_

Ctrl-C here ends everything.
`
}
