# flags.cmake: the language, the build types, warnings, hardening, sanitizers.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Assertions stay on in every build: -DNDEBUG appears nowhere.
set(CMAKE_C_FLAGS_DEBUG "-O0 -g")
set(CMAKE_C_FLAGS_RELEASE "-O3 -g")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Debug (-O0), RelWithDebInfo (-O2) or Release (-O3)" FORCE)
endif()

set(HANDOVER_WARNINGS -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2
  -Wimplicit-fallthrough -Wpointer-arith -Wundef -Wvla -Wwrite-strings)
if(HANDOVER_WERROR)
  list(APPEND HANDOVER_WARNINGS -Werror)
endif()

# Doubles are compared and written down: the same on machines that have fused multiply-add.
add_compile_options(-ffp-contract=off)

# A lead's cells are found by counting bits (consumer/engine/lead.h). Every x86-64 processor since 2008 has an instruction for it, which
# compilers use only where they are told to.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64|AMD64")
  add_compile_options(-mpopcnt)
endif()

include(CheckCCompilerFlag)
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Takes the flag where the compiler knows it (GCC 12 has no -fstrict-flex-arrays, Clang 14 no zero initialisation, …).
function(add_flag_if_known flag)
  string(MAKE_C_IDENTIFIER "HAVE${flag}" known)
  set(CMAKE_REQUIRED_FLAGS -Werror)
  check_c_compiler_flag(${flag} ${known})
  if(${known})
    add_compile_options(${flag})
  endif()
endfunction()

if(HANDOVER_HARDEN)
  foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -fstrict-flex-arrays=3)
    add_flag_if_known(${flag})
  endforeach()
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
endif()

if(HANDOVER_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
# Every count is kept, of threads and of processes that end at once; none of a process that is killed.
if(HANDOVER_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic -fprofile-abs-path)
  add_link_options(--coverage)
endif()
if(HANDOVER_SANITIZE)
  add_compile_options(-fsanitize=${HANDOVER_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${HANDOVER_SANITIZE})
elseif(HANDOVER_HARDEN)
  add_flag_if_known(-ftrivial-auto-var-init=zero)
  add_compile_options($<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
endif()
