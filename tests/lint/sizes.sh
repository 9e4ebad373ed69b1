#!/usr/bin/env bash
# No file over 500 lines, unless sizes.txt says why it is still one noun.
set -euo pipefail
cd "$(dirname "$0")/../.."
limit=500

find runtime interpose explorer tools tests Makefile .ci -type f \
	\( -name '*.[chS]' -o -name '*.cpp' -o -name '*.sh' -o -name '*.py' -o -name Makefile -o -name run \) -print0 |
	xargs -0 wc -l | awk -v limit=$limit -v exceptions=tests/lint/sizes.txt '
BEGIN {
	while ((getline line < exceptions) > 0)
		if (line !~ /^#/) {
			split(line, words, " ")
			excepted[words[1]] = 1
		}
}
$2 != "total" && $1 > limit && !($2 in excepted) {
	print $2 " has " $1 " lines, more than " limit ": is it still one noun?"
	wrong = 1
}
END { exit wrong }'
