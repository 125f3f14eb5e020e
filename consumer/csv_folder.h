/* csv_folder.h: the tables of a report as files in a folder, NAME.csv each. May use: report_sheet.h, replace.h. */
#ifndef HANDOVER_CONSUMER_CSV_FOLDER_H
#define HANDOVER_CONSUMER_CSV_FOLDER_H

#include "report_sheet.h"

/* The folder is not there, or is empty, or may have its files replaced. False with a sentence in `why`. */
bool csv_folder_check(const char *path, bool force, char *why, size_t room);
/* Makes the folder where it is not there. Each file is written as a whole or not at all. False with a sentence in `why`: then files that
 * were not there before have been taken away again. */
bool csv_folder_write(const char *path, bool force, const struct sheet_files *files, char *why, size_t room);

#endif
