#!/bin/bash
# testssl.sh [POSTHOUSED]: testssl finds nothing to say against our TLS but that nobody else trusts our authority;
# implicit (IMAPS) and after STARTTLS (submission).  Some minutes.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
posthoused=$(readlink -f "${1:-build-check/gcc/src/daemon/posthoused}")
build-aux/install-packages audit || exit 1
folder=$(mktemp -d) || exit 1
"$posthoused" --demo --data "$folder/data" --free-ports --json >"$folder/info" &
server=$!
trap 'kill "$server"; wait "$server"; rm -rf --one-file-system "$folder"' EXIT
for _ in $(seq 100); do [ -s "$folder/info" ] && break; sleep 0.1; done

port_of() { sed -E 's/.*"service":"'"$1"'","address":"[^"]*","port":([0-9]+).*/\1/' "$folder/info"; }

status=0
for form in "imaps" "submission --starttls smtp"; do
  read -r service options <<<"$form"
  # shellcheck disable=SC2086
  testssl --quiet --color 0 --warnings off --jsonfile "$folder/$service.json" $options -p -s -f -S -U "127.0.0.1:$(port_of "$service")" || true
  /usr/bin/python3 - "$folder/$service.json" <<'SCRIPT' || status=1
import json, sys

# The chain of a local authority, which a client has to be told of, and what comes of that; and that this machine's
# openssl has no GOST.
EXPECTED = {"engine_problem", "cert_chain_of_trust", "cert_trust", "cert_caIssuers", "cert_revocation", "cert_crlDistributionPoints", "cert_ocspURL", "OCSP_stapling", "DNS_CAArecord",
            "cert_certificatePolicies_EV", "certificate_transparency", "cert_expirationStatus", "cert_notAfter"}
findings = json.load(open(sys.argv[1]))
wrong = [one for one in findings if one["severity"] in ("LOW", "MEDIUM", "HIGH", "CRITICAL", "WARN") and one["id"].split(" ")[0] not in EXPECTED]
for one in wrong:
    print(one["severity"], one["id"], one["finding"])
ids = {one["id"] for one in findings}
missing = {"TLS1_2", "TLS1_3", "cipherlist_NULL", "heartbleed", "ROBOT", "PFS" if "PFS" in ids else "FS"} - ids
if missing:
    print("testssl did not look at", missing)
sys.exit(1 if wrong or missing else 0)
SCRIPT
done
exit $status
