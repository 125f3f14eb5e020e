/* signoff.c: reading them. */
#include "signoff.h"

#include <string.h>

#include "../consumer/utf8.h"
#include "signoff_text.h"

static const char *const whys[SIGNOFF_STATES] = {
    [SIGNOFF_VALID] = "valid",
    [SIGNOFF_NO_TEAM] = "its team is none of \"teams\"",
    [SIGNOFF_BAD_TEXT] = "\"by\" and \"at\" must have 1 to 255 bytes and no control character",
    [SIGNOFF_BAD_KEY] = "its key is no usable public key in base64",
    [SIGNOFF_BAD_SIGNATURE] = "its signature is no base64 of 64 bytes",
    [SIGNOFF_DIFFERS] =
        "the signature does not fit: something was changed after it was signed, or another key signed it",
};

const char *signoff_why(enum signoff_state state) { return whys[state]; }

static const cJSON *first_of(const cJSON *root, const char *name) {
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, name);
  return cJSON_IsArray(list) ? list->child : NULL;
}

const cJSON *signoff_teams(const cJSON *root) { return first_of(root, "teams"); }
const cJSON *signoff_first(const cJSON *root) { return first_of(root, "signoffs"); }

bool signoff_is_team(const cJSON *root, const char *team) {
  for (const cJSON *child = signoff_teams(root); child; child = child->next)
    if (cJSON_IsString(child) && strcmp(child->valuestring, team) == 0) return true;
  return false;
}

bool signoff_text_good(const char *text) {
  size_t length = strlen(text);
  if (length < 1 || length > SIGNOFF_TEXT_MOST || !utf8_valid(slice_of(text))) return false;
  for (const char *c = text; *c; c++)
    if ((unsigned char)*c < 0x20 || *c == 0x7f) return false;
  return true;
}

void signoff_text_append(struct buffer *out, const char *digest, const char *team, const char *by, const char *at) {
  const char *const parts[] = {"handover-signoff-v1", digest, team, by, at};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    buffer_append_text(out, parts[i]);
    buffer_append(out, "\n", 1);
  }
}

static const char *text_of(const cJSON *node, const char *name) {
  const cJSON *member = cJSON_GetObjectItemCaseSensitive(node, name);
  return cJSON_IsString(member) ? member->valuestring : "";
}

static bool verify(const struct signoff *signoff, const char *digest, const uint8_t signature[SIGNATURE_BYTES]) {
  struct buffer text = {0};
  signoff_text_append(&text, digest, signoff->team, signoff->by, signoff->at);
  bool good = signature_verify(signoff->key, signature, text.at, text.length);
  buffer_fini(&text);
  return good;
}

static enum signoff_state judge(struct signoff *signoff, const cJSON *root, const cJSON *node, const char *digest) {
  uint8_t key[SIGNATURE_KEY], signature[SIGNATURE_BYTES];
  const char *text = text_of(node, "key");
  if (signature_decode(text, strlen(text), key, sizeof key) && signature_key_usable(key))
    memcpy(signoff->key, key, sizeof key);
  else return SIGNOFF_BAD_KEY;
  if (!signoff_is_team(root, signoff->team)) return SIGNOFF_NO_TEAM;
  if (!signoff_text_good(signoff->team) || !signoff_text_good(signoff->by) || !signoff_text_good(signoff->at))
    return SIGNOFF_BAD_TEXT;
  text = text_of(node, "signature");
  if (!signature_decode(text, strlen(text), signature, sizeof signature)) return SIGNOFF_BAD_SIGNATURE;
  return verify(signoff, digest, signature) ? SIGNOFF_VALID : SIGNOFF_DIFFERS;
}

void signoff_read(struct signoff *signoff, const cJSON *root, const cJSON *node, const char *digest,
                  const struct trust *trust) {
  *signoff = (struct signoff){.team = text_of(node, "team"), .by = text_of(node, "by"), .at = text_of(node, "at")};
  signoff->state = judge(signoff, root, node, digest);
  signoff->trusted = trust && signoff->state != SIGNOFF_BAD_KEY && trust_has(trust, signoff->team, signoff->key);
}

bool signoff_team_agreed(const cJSON *root, const char *digest, const char *team, const struct trust *trust) {
  for (const cJSON *node = signoff_first(root); node; node = node->next) {
    struct signoff signoff;
    if (strcmp(text_of(node, "team"), team) != 0) continue;
    signoff_read(&signoff, root, node, digest, trust);
    if (signoff.state == SIGNOFF_VALID && (!trust || signoff.trusted)) return true;
  }
  return false;
}

bool signoff_agreed(const cJSON *root, const char *digest, const struct trust *trust) {
  const cJSON *teams = signoff_teams(root);
  if (!trust || !teams) return false;
  for (const cJSON *team = teams; team; team = team->next)
    if (!cJSON_IsString(team) || !signoff_team_agreed(root, digest, team->valuestring, trust)) return false;
  return true;
}
