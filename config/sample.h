/* sample.h: config/sample.json within the binary, so that commands have it wherever they run. CMakeLists.txt makes sample.c of it. */
#ifndef HANDOVER_CONFIG_SAMPLE_H
#define HANDOVER_CONFIG_SAMPLE_H

#include <stddef.h>

extern const char sample_definition[]; /* the file's bytes, and a zero behind them */
extern const size_t sample_definition_length;

#endif
