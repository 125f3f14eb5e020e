/* family.c: the document. Leads come in, get warm by visits that are fresh, ask, and are answered or not in time; those who are
 * left alone cool down by time alone. */
#include "family.h"

#include <stdio.h>
#include <time.h>

void family_time(char text[32], int64_t time_ms) {
  struct tm parts;
  time_t seconds = (time_t)(time_ms / 1000);
  gmtime_r(&seconds, &parts);
  size_t length = strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &parts);
  snprintf(text + length, 32 - length, ".%03dZ", (int)(time_ms % 1000));
}

static const char document[] =
    "{\"handover\":1,\"name\":\"simulated\",\"version\":%d,\"effective_from\":\"%s\","
    "\"teams\":[\"marketing\",\"sales\"],\"events\":\"segment\",\"lateness\":\"%ds\",\"review_every\":\"%ds\","
    "\"deduplicate\":%d,"
    "\"attributes\":{\"mail\":\"/traits/mail\"},"
    "\"criteria\":{\"engaged\":{\"score\":\"interest\",\"at_least\":%d},"
    "\"fresh\":{\"happened\":\"Visited\",\"times\":2,\"within\":\"%ds\"}},"
    "\"scores\":{\"interest\":{\"from\":\"events\",\"rules\":["
    "{\"name\":\"visit\",\"event\":\"Visited\",\"points\":%d,\"cap\":%d},"
    "{\"name\":\"left\",\"event\":\"Left\",\"points\":%d}]}},"
    "\"stages\":[{\"name\":\"new\",\"owner\":\"marketing\"},"
    "{\"name\":\"warm\",\"owner\":\"marketing\",\"enter\":{\"all\":[\"engaged\",\"fresh\"]}},"
    "{\"name\":\"asked\",\"owner\":\"sales\",\"enter\":{\"event\":\"Asked\"}}],"
    "\"moves\":[{\"name\":\"answered\",\"from\":\"asked\",\"to\":\"new\",\"when\":{\"event\":\"Answered\"},"
    "\"reason\":\"/properties/reason\",\"reset\":[\"interest\"]},"
    "{\"name\":\"cooled\",\"from\":\"warm\",\"to\":\"new\",\"when\":{\"any\":[{\"not\":\"fresh\"},{\"quiet_for\":\"%"
    "ds\"}]}},"
    "{\"name\":\"rested\",\"from\":\"asked\",\"to\":\"warm\",\"after\":\"%ds\"}],"
    "\"slas\":[{\"name\":\"answer\",\"stage\":\"asked\",\"within\":\"%ds\",\"met_by\":\"Answered\"}]}";

size_t family_document(const struct family_version *v, char text[FAMILY_DOCUMENT]) {
  char from[32];
  family_time(from, v->effective_from_ms);
  int length = snprintf(text, FAMILY_DOCUMENT, document, (int)v->number, from, (int)(v->lateness_ms / 1000),
                        (int)(v->review_ms / 1000), FAMILY_IDS, (int)v->engaged_at, (int)(v->fresh_ms / 1000),
                        (int)v->visit_points, (int)v->visit_cap, (int)v->left_points, (int)(v->quiet_ms / 1000),
                        (int)(v->rested_ms / 1000), (int)(v->answer_ms / 1000));
  return (size_t)length;
}
