# tests.cmake: what ctest runs. A test's label is its folder below tests/.
#
#   unit, mock      tests/KIND/test_*.c, each a cmocka program of its own
#   conformance     the shared cases where they are there, and the project's own golden cases
#   stories, oracle, broker
#                   tests/KIND/test_*.py and test_*.sh, black box, with the binary's path as the only argument
#   fuzz            tests/fuzz/fuzz_*.c as short seeded runs; as libFuzzer targets with HANDOVER_FUZZ=ON
#   tidy            symbols of the engine's library, tidy.py, clang-tidy

set(tests ${CMAKE_CURRENT_SOURCE_DIR}/tests)
find_package(Python3 3.9 COMPONENTS Interpreter)

# Registers a test unless its kind was not asked for.
function(handover_test kind name timeout_s)
  if(NOT kind IN_LIST HANDOVER_TESTS)
    return()
  endif()
  set(full ${HANDOVER_TEST_PREFIX}${kind}/${name})
  add_test(NAME ${full} COMMAND ${ARGN} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  set_tests_properties(${full} PROPERTIES LABELS ${kind} TIMEOUT ${timeout_s} SKIP_RETURN_CODE 77
    ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1;UBSAN_OPTIONS=print_stacktrace=1;TSAN_OPTIONS=suppressions=${tests}/tsan.supp")
  if(kind STREQUAL "broker")
    set_tests_properties(${full} PROPERTIES PROCESSORS 2 RUN_SERIAL ON)
  endif()
endfunction()

# unit and mock
pkg_check_modules(cmocka IMPORTED_TARGET cmocka)
foreach(kind unit mock)
  file(GLOB sources CONFIGURE_DEPENDS ${tests}/${kind}/test_*.c)
  if(sources AND NOT cmocka_FOUND)
    message(STATUS "cmocka is not there: no ${kind} tests")
  endif()
  if(NOT cmocka_FOUND OR NOT kind IN_LIST HANDOVER_TESTS)
    set(sources)
  endif()
  foreach(source ${sources})
    get_filename_component(name ${source} NAME_WE)
    add_executable(${kind}_${name} ${source})
    target_compile_options(${kind}_${name} PRIVATE ${HANDOVER_WARNINGS})
    target_include_directories(${kind}_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_compile_definitions(${kind}_${name} PRIVATE HANDOVER_SOURCE_DIR="${CMAKE_CURRENT_SOURCE_DIR}")
    target_link_libraries(${kind}_${name} PRIVATE handover_core PkgConfig::cmocka)
    if(HANDOVER_SANITIZE MATCHES thread)
      target_sources(${kind}_${name} PRIVATE ${tests}/tsan_threads.c)
    endif()
    handover_test(${kind} ${name} 900 ${kind}_${name})
  endforeach()
endforeach()

# fuzz
file(GLOB sources CONFIGURE_DEPENDS ${tests}/fuzz/fuzz_*.c)
if(NOT fuzz IN_LIST HANDOVER_TESTS)
  set(sources)
endif()
foreach(source ${sources})
  get_filename_component(name ${source} NAME_WE)
  add_executable(${name}_run ${source})
  target_compile_options(${name}_run PRIVATE ${HANDOVER_WARNINGS})
  target_compile_definitions(${name}_run PRIVATE FUZZ_STANDALONE HANDOVER_SOURCE_DIR="${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${name}_run PRIVATE handover_core)
  handover_test(fuzz ${name} 300 ${name}_run)
  if(HANDOVER_FUZZ)
    add_executable(${name} ${source})
    target_compile_options(${name} PRIVATE ${HANDOVER_WARNINGS} -fsanitize=fuzzer)
    target_compile_definitions(${name} PRIVATE HANDOVER_SOURCE_DIR="${CMAKE_CURRENT_SOURCE_DIR}")
    target_link_libraries(${name} PRIVATE handover_core -fsanitize=fuzzer)
  endif()
endforeach()

if(TARGET handover AND HANDOVER_SANITIZE MATCHES thread)
  target_sources(handover PRIVATE ${tests}/tsan_threads.c)
endif()
if(TARGET handover AND Python3_FOUND)
  # conformance
  set(shared ${CMAKE_CURRENT_SOURCE_DIR}/../shared/conformance/conform.py)
  handover_test(conformance golden 600 ${Python3_EXECUTABLE} ${tests}/conformance/golden.py $<TARGET_FILE:handover>)
  handover_test(conformance facts 60 ${Python3_EXECUTABLE} ${tests}/conformance/facts.py)
  handover_test(conformance shared 1200 sh ${tests}/conformance/shared.sh ${Python3_EXECUTABLE} ${shared} $<TARGET_FILE:handover>)

  # The program once more, with the points at which test_crash_points.py ends it: what has some is compiled anew, the rest is the library's.
  if(broker IN_LIST HANDOVER_TESTS)
    set(sources)
    foreach(source ${core_sources})
      file(STRINGS ${source} points REGEX "CRASH_POINT\\(\"")
      if(points)
        list(APPEND sources ${source})
      endif()
    endforeach()
    add_executable(handover_crash consumer/main.c ${tests}/broker/crash_points.c ${sources})
    target_compile_options(handover_crash PRIVATE ${HANDOVER_WARNINGS})
    target_compile_definitions(handover_crash PRIVATE HANDOVER_CRASH_POINTS HANDOVER_VERSION="${PROJECT_VERSION}")
    target_include_directories(handover_crash PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(handover_crash PRIVATE handover_core)
    if(HANDOVER_SANITIZE MATCHES thread)
      target_sources(handover_crash PRIVATE ${tests}/tsan_threads.c)
    endif()
  endif()

  # stories, oracle and broker
  foreach(kind stories oracle broker)
    file(GLOB scripts CONFIGURE_DEPENDS ${tests}/${kind}/test_*.py ${tests}/${kind}/test_*.sh)
    foreach(script ${scripts})
      get_filename_component(name ${script} NAME_WE)
      if(name STREQUAL "test_crash_points")
        handover_test(${kind} ${name} 3600 ${Python3_EXECUTABLE} ${script} $<TARGET_FILE:handover_crash>)
      elseif(script MATCHES "\\.py$")
        handover_test(${kind} ${name} 3600 ${Python3_EXECUTABLE} ${script} $<TARGET_FILE:handover>)
      else()
        handover_test(${kind} ${name} 3600 sh ${script} $<TARGET_FILE:handover>)
      endif()
    endforeach()
  endforeach()
endif()

# tidy: of the plain build only; sanitizers add symbols of their own
if(Python3_FOUND AND NOT HANDOVER_SANITIZE)
  handover_test(tidy symbols 60 sh ${tests}/tidy/symbols.sh $<TARGET_FILE:handover_engine>)
  if(TARGET handover)
    handover_test(tidy crash_points 60 sh ${tests}/tidy/crash_points.sh $<TARGET_FILE:handover> ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  handover_test(tidy tidy 120 ${Python3_EXECUTABLE} ${tests}/tidy/tidy.py ${CMAKE_CURRENT_SOURCE_DIR})
  handover_test(tidy clang-tidy 1500 sh ${tests}/tidy/clang-tidy.sh ${CMAKE_BINARY_DIR})
endif()
