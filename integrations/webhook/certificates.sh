#!/bin/sh
# One authority, a certificate for `auditweir serve` and one for kube-apiserver, put where the unit and
# webhook.kubeconfig look for them: sh certificates.sh [FOLDER FOR THE AUTHORITY]
# Needs openssl. Whoever has `client.key`, or the authority's `ca.key`, can write events: keep them.
set -eu
from=$(cd "$(dirname "$0")" && pwd)
serve=${SERVE:-/etc/auditweir}
apiserver=${APISERVER:-/etc/kubernetes/auditweir}
command -v openssl >/dev/null || { echo "certificates.sh needs openssl, which is not installed" >&2; exit 1; }
if [ -e "$serve/server.crt" ]; then
    echo "left as is  $serve/server.crt: it is there already"
    exit 0
fi
umask 077
mkdir -p "${1:-$from/certificates}" && cd "${1:-$from/certificates}"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
    -subj "/CN=auditweir" -keyout ca.key -out ca.crt 2>/dev/null
for name in server client; do
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=auditweir-$name" \
        -keyout $name.key -out $name.csr 2>/dev/null
done
# Addresses that kube-apiserver may call the server by: beside it, or the Services of the manifests.
printf 'subjectAltName=IP:127.0.0.1,DNS:auditweir.auditweir.svc,DNS:auditweir-serve.auditweir.svc\nextendedKeyUsage=serverAuth\n' >server.ext
printf 'extendedKeyUsage=clientAuth\n' >client.ext
for name in server client; do
    openssl x509 -req -in $name.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 \
        -extfile $name.ext -out $name.crt 2>/dev/null
    rm $name.csr $name.ext
done
install -d -m 755 "$serve"
install -d -m 700 "$apiserver"
install -m 644 server.crt "$serve/server.crt"
install -m 600 server.key "$serve/server.key"
install -m 644 ca.crt "$serve/client-ca.crt"
install -m 644 ca.crt client.crt "$from/webhook.kubeconfig" "$apiserver/"
install -m 600 client.key "$apiserver/client.key"
echo "installed   $serve: server.crt server.key client-ca.crt"
echo "installed   $apiserver: ca.crt client.crt client.key webhook.kubeconfig"
