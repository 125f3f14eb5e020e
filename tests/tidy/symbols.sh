#!/bin/sh
# symbols.sh LIBRARY: the engine may use memory and strings, and nothing else. Reads the undefined symbols of the engine's library
# (a plain, hardened build) and names those that are neither defined within it nor in the list below.
set -eu

# Memory and strings; what the compiler makes of them when hardening; and its 128-bit division, which is arithmetic.
allowed='memchr memcmp memcpy memmove memset strlen strcmp strncmp strchr strnlen
bcmp malloc calloc realloc aligned_alloc free mmap munmap madvise abort qsort bsearch
__memcpy_chk __memmove_chk __memset_chk __stack_chk_fail __assert_fail _GLOBAL_OFFSET_TABLE_
__divti3 __udivti3 __modti3 __umodti3'

work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
printf '%s\n' "$allowed" | tr ' ' '\n' >"$work/known"
nm --defined-only "$1" | awk 'NF == 3 { print $3 }' >>"$work/known"
nm -A -u "$1" | awk '{ n = split($1, at, ":"); print $NF, at[n - 1] != "" ? at[n - 1] : at[n] }' | sort -u >"$work/used"

if [ ! -s "$work/used" ]; then
  echo "symbols.sh: $1: no symbols: is it the engine's library?" >&2
  exit 1
fi
if awk 'NR == FNR { known[$1] = 1; next } !($1 in known) { print "  " $1 " in " $2; found = 1 } END { exit !found }' \
  "$work/known" "$work/used" >"$work/foreign"; then
  echo "symbols.sh: the engine uses what it may not (allowed are memory and strings):" >&2
  cat "$work/foreign" >&2
  exit 1
fi
echo "The engine uses memory and strings only."
