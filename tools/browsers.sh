#!/usr/bin/env bash
# The tests use Debian's own browsers, and Debian's readers of QR codes (zbar) and PDFs (poppler);
# installs those that are missing where that is allowed.
set -euo pipefail

missing=()
while read -r program package; do
  [[ -x /usr/bin/$program ]] || missing+=("$package")
done <<'PROGRAMS'
chromium chromium
firefox-esr firefox-esr
zbarimg zbar-tools
pdftotext poppler-utils
PROGRAMS
[[ ${#missing[@]} == 0 ]] && exit 0

if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
  echo "The tests need ${missing[*]}. Run this line, then make test again:" >&2
  echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
  exit 1
fi
apt-get update
apt-get install -y --no-install-recommends "${missing[@]}"
