#!/usr/bin/env bash
# Pango and fonts, from which notices are made into PDFs; installs what is missing where that is allowed.
# Fieldbook runs without them too: the addresses of PDFs then say which package is missing.
set -euo pipefail

command -v dpkg-query >/dev/null || exit 0
missing=()
for package in libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core fonts-unifont; do
  [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == *" installed" ]] || missing+=("$package")
done
[[ ${#missing[@]} == 0 ]] && exit 0

install="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
if [[ $(id -u) == 0 ]] && bash -c "$install"; then
  exit 0
fi
echo "Notices are not made into PDFs as they should be before this line is run:" >&2
echo "  sudo bash -c '$install'" >&2
