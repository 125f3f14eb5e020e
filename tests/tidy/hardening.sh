#!/bin/sh
# hardening.sh BINARY LIBRARY…: what cmake/flags.cmake asks for is in the optimised binary: by readelf alone.
#
#   the binary     position independent, relocations read-only and bound at the start, no stack and no segment that is both written
#                  and run, no search path of its own, stack protector, checked string calls
#   the libraries  on x86-64 each object is marked for indirect branch tracking and shadow stacks. Of the binary that cannot be asked:
#                  the linker keeps the mark only where the C library's start files have it, too, and Debian's have not
set -eu

binary=$1
shift
failed=0

# check WHAT TEXT PATTERN: a line has it. deny: none has.
check() {
  printf '%s\n' "$2" | grep -Eq "$3" && return 0
  echo "hardening.sh: $binary: $1: not so" >&2
  failed=1
}
deny() {
  ! printf '%s\n' "$2" | grep -E "$3" >&2 && return 0
  echo "hardening.sh: $binary: $1: not so, see above" >&2
  failed=1
}

head=$(LC_ALL=C readelf -hW "$binary")
segments=$(LC_ALL=C readelf -lW "$binary")
dynamic=$(LC_ALL=C readelf -dW "$binary")
symbols=$(LC_ALL=C readelf --dyn-syms -W "$binary")
check "position independent" "$head" 'Type: +DYN'
check "position independent, as an executable" "$dynamic" 'FLAGS_1.* PIE'
check "relocations become read-only" "$segments" ' GNU_RELRO '
check "bound at the start" "$dynamic" 'FLAGS_1.* NOW'
check "a stack that is not run" "$segments" ' GNU_STACK .* RW +0x'
deny "no segment that is both written and run" "$segments" ' (LOAD|GNU_STACK) .* RWE '
deny "code without relocations" "$dynamic" '\(TEXTREL\)'
deny "no search path of its own for libraries" "$dynamic" '\((RPATH|RUNPATH)\)'
check "stack protector" "$symbols" ' __stack_chk_fail(@|$)'
for call in memcpy snprintf vsnprintf; do
  check "$call is checked" "$symbols" " __${call}_chk(@|\$)"
done

if printf '%s\n' "$head" | grep -q 'Machine:.*X86-64'; then
  for library in "$@"; do
    marks=$(LC_ALL=C readelf -nW "$library")
    objects=$(printf '%s\n' "$marks" | grep -c '^File: ')
    marked=$(printf '%s\n' "$marks" | grep -c 'x86 feature: IBT, SHSTK' || :)
    if [ "$objects" -eq 0 ] || [ "$objects" -ne "$marked" ]; then
      echo "hardening.sh: $library: $marked of $objects objects are marked for IBT and SHSTK" >&2
      failed=1
    fi
  done
fi
[ "$failed" -eq 0 ] || exit 1
echo "Hardened: position independent, read-only relocations, no executable stack, stack protector, checked calls, IBT and SHSTK."
