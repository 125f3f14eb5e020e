#!/bin/sh
# test.sh [CTEST OPTION…]: installs what building and testing need, builds handover five times in build/tests/ and runs every test
# in one ctest. Its summary comes last; behind it, what the tests that failed have printed (the end of it, once more) and, without
# options, which part of the sources has run. The exit status is not 0 if anything failed, or less than tests/coverage/floors.txt asks
# for has run.
#
#   plain      GCC -O2, hardened: every kind of test, a real Kafka broker, the Debian package and tidy included
#   coverage   GCC -O0, counting what runs: unit, conformance, oracle and simulation with fewer seeds, stories, mock, and those broker
#              tests that are about commands; the plain build has the others
#   sanitized  GCC, AddressSanitizer and UndefinedBehaviorSanitizer: unit, conformance, stories, fuzz
#   clang      Clang -O3: unit, conformance
#   slow       Clang -O0: conformance. The same bytes at -O0, -O2 and -O3, from both compilers
set -eu
cd "$(dirname "$0")/.."
tests=build/tests

# build NAME KINDS CMAKE-OPTION…
build() {
  name=$1
  kinds=$2
  shift 2
  echo "Building $tests/$name …"
  cmake -S . -B "$tests/$name" -DHANDOVER_TESTS="$kinds" -DHANDOVER_TEST_PREFIX="$name/" "$@" >"$tests/$name.log" 2>&1 || {
    cat "$tests/$name.log"
    exit 3
  }
  cmake --build "$tests/$name" -j "$(nproc)" -- --no-print-directory --quiet
}

sh deploy/install-packages.sh test
mkdir -p "$tests"
build plain "unit;conformance;oracle;stories;mock;simulation;broker;fuzz;package;mutation;tidy" -DCMAKE_C_COMPILER=gcc
build coverage "unit;conformance;oracle;stories;mock;simulation;commands" -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=Debug \
  -DHANDOVER_COVERAGE=ON
build sanitized "unit;conformance;stories;fuzz" -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=Debug \
  -DHANDOVER_SANITIZE=address,undefined
build clang "unit;conformance" -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Release
build slow "conformance" -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Debug
echo "subdirs(plain coverage sanitized clang slow)" >"$tests/CTestTestfile.cmake"
find "$tests/coverage" -name "*.gcda" -delete # counts of the run before
status=0
ctest --test-dir "$tests" --output-on-failure -j "$(nproc)" "$@" || status=$?
if [ "$status" -ne 0 ]; then
  awk '/^[0-9]+\/[0-9]+ Testing: / { n = 0 }
       { line[n++] = $0 }
       /^Test (Failed|Timeout)/ { for (i = n > 60 ? n - 60 : 0; i < n; i++) print line[i] }' "$tests/Testing/Temporary/LastTest.log"
fi
if [ "$#" -eq 0 ]; then
  python3 tests/coverage/coverage.py "$tests/coverage" --hold || [ "$status" -ne 0 ] || status=1
fi
exit "$status"
