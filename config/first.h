/* first.h: config/first.template and config/first.test.template within the binary: what `handover init` makes a first definition and its
 * tests of. CMakeLists.txt makes first.c of them. */
#ifndef HANDOVER_CONFIG_FIRST_H
#define HANDOVER_CONFIG_FIRST_H

#include <stddef.h>

extern const char first_definition[], first_tests[];
extern const size_t first_definition_length, first_tests_length;

#endif
