#!/bin/sh
# Un PDF/A-1 de votre logiciel → un document au DMP et dans les boîtes MSSanté. Usage : call.sh [DEMANDE.json] [FICHIER.pdf]
# PASSEUR_URL et PASSEUR_KEY disent où, et avec quelle clé.
set -eu
here=$(dirname "$0")
request=${1:-$here/request.json}
file=${2:-$here/lettre.pdf}
curl --fail-with-body --silent --show-error "${PASSEUR_URL:-http://127.0.0.1:18080}/v1/documents" \
  --header "Authorization: Bearer ${PASSEUR_KEY:-}" \
  --header "Idempotency-Key: $(cksum "$request" "$file" | cksum | tr ' ' '-')" \
  --form "request=<$request" \
  --form "file=@$file;type=application/pdf"
echo
