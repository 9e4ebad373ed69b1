#!/bin/sh
# Installs the Debian packages of tools/packages.txt that are missing, with --build only those above the ones for tests.
# Costs one dpkg-query when nothing is missing.
set -eu
list=$(dirname "$0")/packages.txt
end='$'
[ "${1:-}" != --build ] || end='/^# What only the tests need/'
packages=$(sed -n "1,${end}p" "$list" | sed 's/#.*//' | tr -s ' \t\n' ' ')

if ! command -v dpkg-query >/dev/null 2>&1; then
	echo "race: this is no Debian system; the libraries named in $list must be installed by hand." >&2
	exit 0
fi

# dpkg-query ends with 1 when it doesn't know a package, which is the case of interest. Architecture suffixes and
# "hold ok installed" don't matter.
installed=$(dpkg-query -W -f '${Package} ${Status}\n' $packages 2>/dev/null | sed -n 's/ [a-z]* ok installed$//p' || true)
missing=
for package in $packages; do
	printf '%s\n' "$installed" | grep -qxF "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
	echo "race: missing packages:$missing. There is no apt-get here to install them with." >&2
	exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null 2>&1; then
		echo "race: missing packages:$missing. Neither root nor sudo; as root run: apt-get install$missing" >&2
		exit 1
	fi
	as_root=sudo
fi

echo "race: installing missing packages:$missing${as_root:+ (with sudo)}" >&2
apt() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >&2; }
# A package list that is already there usually suffices; fetching it anew takes longer than installing.
apt install -y --no-install-recommends $missing 2>/dev/null && exit 0
apt update
apt install -y --no-install-recommends $missing || {
	echo "race: apt-get could not install:$missing" >&2
	exit 1
}
