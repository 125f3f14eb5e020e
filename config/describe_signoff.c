/* describe_signoff.c: who signed, whether that was checked, and lines to sign on. */
#include <string.h>

#include "describe_parts.h"
#include "signoff.h"

static void say_signoff(struct page *page, const cJSON *root, const cJSON *node, const char *digest,
                        const struct trust *trust) {
  struct buffer text = {0};
  struct signoff signoff;
  signoff_read(&signoff, root, node, digest, trust);
  buffer_printf(&text, "For %s the file carries a signature of %s of %s: ", signoff.team, signoff.by, signoff.at);
  if (!trust) buffer_append_text(&text, "not checked.");
  else if (signoff.state != SIGNOFF_VALID) buffer_printf(&text, "not verified: %s.", signoff_why(signoff.state));
  else if (!signoff.trusted) buffer_append_text(&text, "not verified: its key is not trusted for the team.");
  else buffer_append_text(&text, "verified.");
  say_item(page, 1, &text);
}

/* What the checked signatures add up to. */
static void say_agreement(struct page *page, const cJSON *root, const char *digest, const struct trust *trust) {
  struct buffer text = {0};
  for (const cJSON *team = signoff_teams(root); team; team = team->next) {
    if (signoff_team_agreed(root, digest, team->valuestring, trust)) continue;
    buffer_append_text(&text, text.length ? ", " : "Not agreed. Missing is a verified signature for: ");
    buffer_append_text(&text, team->valuestring);
  }
  buffer_append_text(&text, text.length ? "." : "Agreed: every team has a verified signature.");
  say_text(page, &text);
}

void describe_signatures(struct page *page, const cJSON *root, const struct trust *trust) {
  struct buffer text = {0};
  char digest[DIGEST_TEXT];
  digest_document(root, digest);
  page_heading(page, 2, "Signatures");
  if (!signoff_first(root)) page_text(page, "The file carries no signatures.");
  else if (!trust) page_text(page, "The signatures in the file were not checked when this page was made.");
  for (const cJSON *node = signoff_first(root); node; node = node->next) say_signoff(page, root, node, digest, trust);
  if (trust) say_agreement(page, root, digest, trust);
  for (const cJSON *team = signoff_teams(root); team; team = team->next) {
    buffer_printf(&text, "For %s: name, date, signature", team->valuestring);
    page_signature(page, described(&text));
    buffer_fini(&text);
  }
}
