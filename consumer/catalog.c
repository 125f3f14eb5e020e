/* catalog.c: a list that is published by its count: a version is whole before it counts. */
#include "catalog.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>

#include "engine/memory.h"
#include "engine/task.h"

struct version {
  struct definition forms[2]; /* by `agreed`; what they point to is the owner's */
  atomic_bool agreed;
};

struct catalog {
  struct version at[CATALOG_MOST];
  atomic_int count;
  atomic_uint stamp;
};

struct catalog *catalog_create(void) {
  return memory_zeroed(1, sizeof(struct catalog));
}
void catalog_destroy(struct catalog *catalog) { memory_free(catalog); }

int32_t catalog_count(const struct catalog *catalog) { return atomic_load(&catalog->count); }
uint32_t catalog_stamp(const struct catalog *catalog) { return atomic_load(&catalog->stamp); }

const struct definition *catalog_at(const struct catalog *catalog, int32_t index) {
  return &catalog->at[index].forms[atomic_load(&catalog->at[index].agreed)];
}

const struct definition *catalog_newest(const struct catalog *catalog) {
  const struct definition *newest = NULL;
  for (int32_t i = 0; i < catalog_count(catalog); i++)
    if (!newest || catalog_at(catalog, i)->version > newest->version) newest = catalog_at(catalog, i);
  return newest;
}

const struct definition *catalog_find(const struct catalog *catalog, uint32_t version, struct slice digest,
                                      bool agreed) {
  for (int32_t i = 0; i < catalog_count(catalog); i++) {
    const struct definition *form = &catalog->at[i].forms[agreed];
    if (form->version == version && slice_equal(form->digest, digest)) return form;
  }
  return NULL;
}

/* --- adding --- */

static struct version *version_of(struct catalog *catalog, uint32_t number) {
  for (int32_t i = 0; i < catalog_count(catalog); i++)
    if (catalog->at[i].forms[0].version == number) return &catalog->at[i];
  return NULL;
}

static enum catalog_outcome add_known(struct catalog *catalog, struct version *known,
                                      const struct definition *definition, char *why, size_t room) {
  struct slice digest = known->forms[0].digest;
  if (!slice_equal(digest, definition->digest)) {
    snprintf(why, room,
             "version %" PRIu32
             " is known with other content (%.*s, and here %.*s): a change needs a new version number",
             definition->version, (int)digest.length, digest.at, (int)definition->digest.length, definition->digest.at);
    return CATALOG_OTHER;
  }
  if (!definition->agreed || atomic_exchange(&known->agreed, true)) return CATALOG_KNOWN;
  atomic_fetch_add(&catalog->stamp, 1);
  return CATALOG_SIGNED;
}

static bool fits(const struct catalog *catalog, const struct definition *definition, char *why, size_t room) {
  const struct definition *all[CATALOG_MOST];
  int32_t count = catalog_count(catalog);
  if (count == CATALOG_MOST) {
    snprintf(why, room, "more than %d versions", CATALOG_MOST);
    return false;
  }
  for (int32_t i = 0; i < count; i++) all[i] = catalog_at(catalog, i);
  all[count] = definition;
  return versions_check(all, count + 1, why, room);
}

enum catalog_outcome catalog_add(struct catalog *catalog, const struct definition *definition, char *why, size_t room) {
  struct version *known = version_of(catalog, definition->version);
  if (known) return add_known(catalog, known, definition, why, room);
  if (!fits(catalog, definition, why, room)) return CATALOG_MISFIT;
  struct version *version = &catalog->at[catalog_count(catalog)];
  for (int form = 0; form < 2; form++) {
    version->forms[form] = *definition;
    version->forms[form].agreed = form == 1;
  }
  atomic_store(&version->agreed, definition->agreed);
  atomic_fetch_add(&catalog->count, 1);
  atomic_fetch_add(&catalog->stamp, 1);
  return CATALOG_ADDED;
}
