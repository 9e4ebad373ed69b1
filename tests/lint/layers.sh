#!/usr/bin/env bash
# Include directions: every #include against layers.txt.
set -euo pipefail
cd "$(dirname "$0")/../.."

grep -HE '^[[:space:]]*#[[:space:]]*include' -r runtime interpose explorer tools tests \
	--include='*.[chS]' --include='*.cpp' | awk -v rules=tests/lint/layers.txt '
function exists(path,    line, found) {
	if (!(path in known)) {
		found = (getline line < path)
		close(path)
		known[path] = found >= 0
	}
	return known[path]
}
# a/b/../c -> a/c
function plain(path,    again) {
	do again = sub(/[^\/.]+\/\.\.\//, "", path); while (again)
	return path
}
function layer_of(path,    best, layer) {
	best = ""
	for (layer in allowed)
		if (index(path, layer "/") == 1 && length(layer) > length(best))
			best = layer
	return best
}
# Shell pattern -> regular expression: only * is special.
function matches(path, pattern) {
	gsub(/[.+]/, "\\\\&", pattern)
	gsub(/\*/, ".*", pattern)
	return path ~ "^" pattern "$"
}
function complain(sentence) {
	print sentence
	wrong = 1
}
function check_ours(file, header,    folder, path, from, to) {
	folder = file
	sub(/[^\/]*$/, "", folder)
	path = plain(folder header)
	if (!exists(path)) path = plain("runtime/" header)
	if (!exists(path)) path = plain(header)
	if (!exists(path)) { complain(file ": includes " header ", which is nowhere"); return }
	from = layer_of(file)
	to = layer_of(path)
	if (from != to && index(" " allowed[from] " ", " " to " ") == 0)
		complain(file " (" from ") must not include " path " (" to ")")
}
function check_foreign(file, header,    files, i, n, fits) {
	if (!(header in owners)) return
	n = split(owners[header], files, " ")
	for (i = 1; i <= n; i++)
		fits = fits || matches(file, files[i])
	if (!fits) complain(file " must not include " header ": only " owners[header])
}
BEGIN {
	while ((getline line < rules) > 0) {
		if (line ~ /^#/ || line == "") continue
		name = value = line
		sub(/:.*/, "", name)
		sub(/[^:]*: */, "", value)
		if (name ~ /^</) owners[name] = value
		else allowed[name] = value
	}
}
{
	file = header = $0
	sub(/:.*/, "", file)
	sub(/^[^:]*:[^"<]*/, "", header)
	if (header ~ /^"/) {
		gsub(/"/, "", header)
		sub(/[ \t].*/, "", header)
		check_ours(file, header)
	} else if (match(header, /^<[^>]*>/)) {
		check_foreign(file, substr(header, 1, RLENGTH))
	}
}
END { exit wrong }'
