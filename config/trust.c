/* trust.c: the lines of a trust file, strictly; every line that is wrong is said. */
#include "trust.h"

#include <string.h>

#include "../consumer/engine/memory.h"
#include "../consumer/utf8.h"
#include "settings.h"

struct line {
  const char *start, *at, *end;
  int number;
};

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static void skip_blank(struct line *line) {
  while (line->at < line->end && is_blank(*line->at)) line->at++;
}

static bool complain(const struct line *line, struct problems *problems, const char *what) {
  settings_problem(problems, "", line->number, (int)(line->at - line->start) + 1, "%s", what);
  return false;
}

static struct slice take_word(struct line *line) {
  const char *from = line->at;
  while (line->at < line->end && !is_blank(*line->at)) line->at++;
  return (struct slice){from, (uint32_t)(line->at - from)};
}

static bool take_team(struct line *line, char team[TRUST_TEAM + 1], struct problems *problems) {
  struct line begin = *line;
  struct slice name;
  if (*line->at == '"') {
    const char *end = memchr(line->at + 1, '"', (size_t)(line->end - line->at - 1));
    if (!end) return complain(line, problems, "this quotation mark has no second one");
    name = (struct slice){line->at + 1, (uint32_t)(end - line->at - 1)};
    line->at = end + 1;
    if (line->at < line->end && !is_blank(*line->at)) return complain(line, problems, "a blank is missing here");
  } else {
    name = take_word(line);
  }
  if (name.length < 1 || name.length > TRUST_TEAM)
    return complain(&begin, problems, "a team's name has 1 to 255 bytes");
  memcpy(team, name.at, name.length);
  team[name.length] = 0;
  return true;
}

static bool take_key(struct line *line, uint8_t key[SIGNATURE_KEY], struct problems *problems) {
  skip_blank(line);
  struct line begin = *line;
  struct slice text = take_word(line);
  if (text.length == 0) return complain(&begin, problems, "the team's public key is missing");
  if (!signature_decode(text.at, text.length, key, SIGNATURE_KEY))
    return complain(
        &begin, problems,
        "a line is a team and its public key, which is the base64 of 32 bytes: 44 characters, the last one =");
  return signature_key_usable(key) || complain(&begin, problems, "this key is weak: anybody could sign with it");
}

static bool take_line(struct trust *trust, struct line *line, struct problems *problems) {
  struct trusted_key key = {0};
  skip_blank(line);
  if (line->at == line->end || *line->at == '#') return true;
  if (!take_team(line, key.team, problems) || !take_key(line, key.key, problems)) return false;
  line->at = line->start;
  if (trust_has(trust, key.team, key.key)) return true; /* several files may say the same */
  if (trust->count == TRUST_KEYS) return complain(line, problems, "there are more than 4096 keys");
  trust->at = memory_grown(trust->at, (trust->count + 1) * sizeof *trust->at);
  trust->at[trust->count++] = key;
  return true;
}

static bool check_text(const char *text, size_t length, struct problems *problems) {
  if (length > TRUST_FILE) settings_problem(problems, "", 1, 1, "a trust file has at most 256 KiB");
  else if (memchr(text, 0, length)) settings_problem(problems, "", 1, 1, "there is a NUL in it: this is no text");
  else if (!utf8_valid((struct slice){text, (uint32_t)length}))
    settings_problem(problems, "", 1, 1, "this is not UTF-8");
  else return true;
  return false;
}

bool trust_parse(struct trust *trust, const char *text, size_t length, struct problems *problems) {
  const char *end = text + length;
  bool good = true;
  if (length == 0) return true;
  if (!check_text(text, length, problems)) return false;
  for (int number = 1; text < end; number++) {
    const char *feed = memchr(text, '\n', (size_t)(end - text));
    const char *behind = feed ? feed : end;
    struct line line = {text, text, behind, number};
    if (line.end > line.start && line.end[-1] == '\r') line.end--;
    if (!take_line(trust, &line, problems)) good = false;
    text = feed ? feed + 1 : end;
  }
  return good;
}

bool trust_has(const struct trust *trust, const char *team, const uint8_t key[SIGNATURE_KEY]) {
  for (size_t i = 0; i < trust->count; i++)
    if (strcmp(trust->at[i].team, team) == 0 && memcmp(trust->at[i].key, key, SIGNATURE_KEY) == 0) return true;
  return false;
}

/* A name with a quotation mark in it stood without any around it. */
void trust_append(struct buffer *out, const struct trust *trust) {
  for (size_t i = 0; i < trust->count; i++) {
    const struct trusted_key *key = &trust->at[i];
    const char *mark = strchr(key->team, '"') ? "" : "\"";
    char text[SIGNATURE_KEY_TEXT];
    signature_encode(key->key, SIGNATURE_KEY, text);
    buffer_printf(out, "%s%s%s %s\n", mark, key->team, mark, text);
  }
}

void trust_fini(struct trust *trust) {
  memory_free(trust->at);
  *trust = (struct trust){0};
}
