# tests.cmake: what ctest runs. A test's label is its folder below tests/.
#
#   unit, mock      tests/KIND/test_*.c, each a cmocka program of its own
#   simulation      the daemon's sources with tests/simulation in place of librdkafka, threads, clocks and files: seeds, and planted bugs
#   conformance     the shared cases where they are there, and the project's own golden cases
#   stories, oracle, broker
#                   tests/KIND/test_*.py and test_*.sh, black box, with the binary's path as the only argument; beside it for
#                   stories libfaults.so
#   commands        those of tests/broker that are about commands more than about the daemon
#   fuzz            tests/fuzz/fuzz_*.c as short seeded runs; as libFuzzer targets with HANDOVER_FUZZ=ON
#   package         the Debian package in a clean root; what deploy/ holds, read and compared
#   mutation        tests/mutation: a few bugs in one source of the engine, which have to be found
#   tidy            symbols of the engine's library, the binary's hardening, tidy.py, clang-tidy

set(tests ${CMAKE_CURRENT_SOURCE_DIR}/tests)
set(about_commands test_audit test_backtest test_bench test_explain test_publish test_report)
# What is counted is counted by a few seeds as well.
set(simulation_seeds 1:5000)
if(HANDOVER_COVERAGE)
  set(simulation_seeds 1:500)
endif()
find_package(Python3 3.9 COMPONENTS Interpreter)

# Registers a test unless its kind was not asked for.
function(handover_test kind name timeout_s)
  set(asked ${kind})
  if(kind STREQUAL "broker" AND name IN_LIST about_commands)
    set(asked commands)
  endif()
  if(NOT asked IN_LIST HANDOVER_TESTS)
    return()
  endif()
  set(full ${HANDOVER_TEST_PREFIX}${kind}/${name})
  add_test(NAME ${full} COMMAND ${ARGN} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  set_tests_properties(${full} PROPERTIES LABELS ${kind} TIMEOUT ${timeout_s} SKIP_RETURN_CODE 77
    ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1;UBSAN_OPTIONS=print_stacktrace=1;TSAN_OPTIONS=suppressions=${tests}/tsan.supp")
  if(kind STREQUAL "broker")
    set_tests_properties(${full} PROPERTIES PROCESSORS 2 RUN_SERIAL ON)
  endif()
  if(name MATCHES "^test_(reviews|save_steps)$" AND HANDOVER_COVERAGE)
    set_property(TEST ${full} APPEND PROPERTY ENVIRONMENT SEEDS=25)
  endif()
  if(kind STREQUAL "oracle" AND HANDOVER_COVERAGE)
    set_property(TEST ${full} APPEND PROPERTY ENVIRONMENT HANDOVER_SEEDS=150)
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

# simulation: the sources of the daemon as they are, on a machine and a broker of the simulation's own
set(simulation_wraps pthread_create pthread_join pthread_mutex_init pthread_mutex_destroy pthread_mutex_lock
  pthread_mutex_unlock pthread_cond_init pthread_cond_destroy pthread_cond_wait pthread_cond_timedwait pthread_cond_signal
  pthread_cond_broadcast nanosleep abort _exit __assert_fail malloc calloc realloc aligned_alloc strdup free
  EVP_MD_CTX_new EVP_MD_CTX_free XXH3_createState XXH3_freeState open close read write pread fsync rename unlink mkdir
  stat fstat flock)
if(simulation IN_LIST HANDOVER_TESTS AND NOT HANDOVER_SANITIZE)
  file(GLOB sources CONFIGURE_DEPENDS ${tests}/simulation/*.c)
  list(TRANSFORM simulation_wraps PREPEND -Wl,--wrap=)
  add_library(simulation_objects OBJECT ${sources})
  # A jump to another fiber's stack is what it is about.
  target_compile_options(simulation_objects PRIVATE ${HANDOVER_WARNINGS} "SHELL:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=0")
  target_include_directories(simulation_objects PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(simulation_objects PUBLIC handover_core)
  target_link_options(simulation_objects INTERFACE ${simulation_wraps})
  add_executable(simulation)
  target_link_libraries(simulation PRIVATE simulation_objects)
  handover_test(simulation seeds 900 simulation --seeds ${simulation_seeds})

  if(Python3_FOUND AND NOT HANDOVER_COVERAGE)
    # Each bug of bugs.py in a copy of its source, which the linker takes before the library's.
    set(bugs ${tests}/simulation/bugs.py)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${bugs})
    execute_process(COMMAND ${Python3_EXECUTABLE} ${bugs} --list OUTPUT_VARIABLE simulation_bugs COMMAND_ERROR_IS_FATAL ANY)
    foreach(bug ${simulation_bugs})
      string(REGEX REPLACE "=.*" "" name ${bug})
      string(REGEX REPLACE ".*=" "${CMAKE_CURRENT_SOURCE_DIR}/" source ${bug})
      cmake_path(GET source PARENT_PATH room)
      set(copy ${CMAKE_CURRENT_BINARY_DIR}/bug_${name}.c)
      add_custom_command(OUTPUT ${copy} COMMAND ${Python3_EXECUTABLE} ${bugs} --make ${name} ${copy} DEPENDS ${bugs} ${source})
      add_executable(simulation_bug_${name} ${copy})
      target_compile_options(simulation_bug_${name} PRIVATE -iquote ${room})
      target_include_directories(simulation_bug_${name} SYSTEM PRIVATE ${libxxhash_INCLUDE_DIRS})
      target_link_libraries(simulation_bug_${name} PRIVATE simulation_objects)
    endforeach()
    handover_test(simulation bugs 900 ${Python3_EXECUTABLE} ${bugs} --run ${CMAKE_CURRENT_BINARY_DIR})
  endif()
endif()

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

  # What test_faults.py and test_memory.py have loaded into the program, to make its calls fail. A sanitizer's own malloc stays what it is.
  if(stories IN_LIST HANDOVER_TESTS)
    add_library(faults MODULE ${tests}/faults/faults.c)
    target_compile_options(faults PRIVATE ${HANDOVER_WARNINGS})
    target_link_libraries(faults PRIVATE ${CMAKE_DL_LIBS})
    if(HANDOVER_SANITIZE)
      target_compile_definitions(faults PRIVATE FAULTS_OF_WRITES_ONLY)
      target_compile_options(faults PRIVATE -fno-sanitize=all)
      target_link_options(faults PRIVATE -fno-sanitize=all)
    endif()
  endif()

  # stories, oracle and broker
  foreach(kind stories oracle broker)
    file(GLOB scripts CONFIGURE_DEPENDS ${tests}/${kind}/test_*.py ${tests}/${kind}/test_*.sh)
    foreach(script ${scripts})
      get_filename_component(name ${script} NAME_WE)
      if(name STREQUAL "test_memory" AND kind STREQUAL "stories" AND HANDOVER_COVERAGE)
        continue() # thousands of processes, each of which would write its counts
      endif()
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

# package: of the plain build only
if(TARGET handover AND Python3_FOUND AND NOT HANDOVER_SANITIZE)
  handover_test(package test_deb 1200 sh ${tests}/package/test_deb.sh ${CMAKE_BINARY_DIR})
  handover_test(package test_deploy 120 ${Python3_EXECUTABLE} ${tests}/package/test_deploy.py $<TARGET_FILE:handover>)
endif()

# mutation: of GCC's plain build only, with what is there of programs
if(TARGET handover AND Python3_FOUND AND CMAKE_C_COMPILER_ID STREQUAL "GNU" AND NOT HANDOVER_SANITIZE AND NOT HANDOVER_COVERAGE)
  handover_test(mutation few 300 ${Python3_EXECUTABLE} ${tests}/mutation/mutate.py ${CMAKE_BINARY_DIR} --file due.c --sample 15
    --seeds 10 --jobs 1 --quick)
endif()

# tidy: of the plain build only; sanitizers add symbols of their own
if(Python3_FOUND AND NOT HANDOVER_SANITIZE)
  handover_test(tidy symbols 60 sh ${tests}/tidy/symbols.sh $<TARGET_FILE:handover_engine>)
  if(HANDOVER_HARDEN AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    handover_test(tidy hardening 60 sh ${tests}/tidy/hardening.sh $<TARGET_FILE:handover> $<TARGET_FILE:handover_engine>
      $<TARGET_FILE:handover_core>)
  endif()
  if(TARGET handover)
    handover_test(tidy crash_points 60 sh ${tests}/tidy/crash_points.sh $<TARGET_FILE:handover> ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  handover_test(tidy tidy 120 ${Python3_EXECUTABLE} ${tests}/tidy/tidy.py ${CMAKE_CURRENT_SOURCE_DIR})
  handover_test(tidy clang-tidy 1500 sh ${tests}/tidy/clang-tidy.sh ${CMAKE_BINARY_DIR})
endif()
