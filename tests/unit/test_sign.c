/* test_sign.c: signatures (with RFC 8032's vectors), signoffs, their place in the text, and every byte of a signed document
 * changed to every other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/canonical.h"
#include "config/signoff.h"

/* --- RFC 8032, 7.1 --- */

static const struct {
  const char *secret, *key, *message, *signature;
} vectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe246"
     "551"
     "41438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb"
     "00d"
     "291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc"
     "027"
     "beceea1ec40a"},
};

static size_t unhex(const char *hex, uint8_t *bytes) {
  size_t length = strlen(hex) / 2;
  for (size_t i = 0; i < length; i++) {
    char two[3] = {hex[2 * i], hex[2 * i + 1], 0};
    bytes[i] = (uint8_t)strtoul(two, NULL, 16);
  }
  return length;
}

static EVP_PKEY *key_of(size_t vector) {
  uint8_t secret[SIGNATURE_KEY];
  unhex(vectors[vector].secret, secret);
  return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, sizeof secret);
}

static void vectors_of_the_rfc(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
    uint8_t key[SIGNATURE_KEY], own[SIGNATURE_KEY], signature[SIGNATURE_BYTES], made[SIGNATURE_BYTES];
    char message[8];
    size_t length = unhex(vectors[i].message, (uint8_t *)message);
    unhex(vectors[i].key, key);
    unhex(vectors[i].signature, signature);
    EVP_PKEY *secret = key_of(i);
    assert_true(signature_public(secret, own));
    assert_memory_equal(own, key, sizeof key);
    signature_sign(secret, message, length, made);
    assert_memory_equal(made, signature, sizeof made);
    assert_true(signature_verify(key, signature, message, length));
    for (size_t bit = 0; bit < 8 * sizeof signature; bit++) {
      signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
      assert_false(signature_verify(key, signature, message, length));
      signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    EVP_PKEY_free(secret);
  }
}

/* Under a key of small order these verify for many a message: the identity as R, 0 as S. */
static void weak_and_odd_keys(void **state) {
  static const char *const keys[] = {
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0000000000000000000000000000000000000000000000000000000000000080",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000080",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  };
  uint8_t key[SIGNATURE_KEY], signature[SIGNATURE_BYTES] = {1};
  (void)state;
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    unhex(keys[i], key);
    assert_false(signature_key_usable(key));
    assert_false(signature_verify(key, signature, "x", 1));
  }
  memset(key, 0, sizeof key);
  key[0] = 2; /* no point of the curve */
  assert_false(signature_verify(key, signature, "x", 1));
}

static void base64_is_strict(void **state) {
  static const char good[] = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
  static const char *const bad[] = {
      "",
      "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo",
      "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo==",
      "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURp=",
      "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
      " 1qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
      "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHUR==",
      "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURoA",
      "11qYAYKxCrfVS/7TyWQH\nOg7hcvPapiMlrwIaaPcHURo=",
      "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHUR\xc3o=",
  };
  uint8_t key[SIGNATURE_KEY];
  char text[SIGNATURE_KEY_TEXT];
  (void)state;
  assert_true(signature_decode(good, strlen(good), key, sizeof key));
  signature_encode(key, sizeof key, text);
  assert_string_equal(text, good);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_false(signature_decode(bad[i], strlen(bad[i]), key, sizeof key));
}

/* --- signed documents --- */

static const char body[] =
    "{\"handover\":1,\"name\":\"d\",\"version\":7, // seven\n\"effective_from\":\"2026-01-01T00:00:00Z\","
    "\"teams\":[\"a\",\"b\"],\"events\":\"segment\",\"deduplicate\":10,\n"
    "\"stages\":[{\"name\":\"x\",\"owner\":\"a\"}]%s /* end */\n}";

static struct buffer text_of(const char *more) {
  struct buffer text = {0};
  char made[1024];
  snprintf(made, sizeof made, body, more);
  buffer_append_text(&text, made);
  return text;
}

static bool sign(struct buffer *text, const char *team, size_t vector, const char *by, const char **why) {
  struct document document;
  struct buffer out = {0};
  size_t at;
  EVP_PKEY *key = key_of(vector);
  const struct signature_order order = {team, by, "2026-01-01T00:00:00Z", key};
  assert_true(document_parse(&document, text->at, text->length, &at, why));
  bool good = signoff_write(&out, &document, text->at, &order, why);
  document_fini(&document);
  EVP_PKEY_free(key);
  if (good) {
    buffer_fini(text);
    *text = out;
  }
  return good;
}

static struct trust trusted(void) {
  static struct trusted_key keys[2] = {{.team = "a"}, {.team = "b"}};
  unhex(vectors[0].key, keys[0].key);
  unhex(vectors[1].key, keys[1].key);
  return (struct trust){keys, 2};
}

static bool agreed(const char *text, size_t length, bool *parsed) {
  struct problems problems;
  const struct trust trust = trusted();
  struct definition *definition = definition_parse_trusting(text, length, &trust, &problems);
  bool is = definition && definition->agreed;
  *parsed = definition;
  definition_destroy(definition);
  problems_fini(&problems);
  return is;
}

static struct buffer canonical(const char *text, size_t length) {
  struct document document;
  struct buffer out = {0};
  size_t at;
  const char *why;
  assert_true(document_parse(&document, text, length, &at, &why));
  canonical_append(&out, document.root, NULL, 0);
  document_fini(&document);
  return out;
}

static struct buffer signed_text(const char *more) {
  struct buffer text = text_of(more);
  const char *why;
  bool parsed;
  assert_true(sign(&text, "a", 0, "Ann", &why));
  assert_false(agreed(text.at, text.length, &parsed));
  assert_true(parsed);
  assert_true(sign(&text, "b", 1, "Bo \"B\" \xC3\xB6", &why));
  if (!agreed(text.at, text.length, &parsed)) fail_msg("%.*s", (int)text.length, text.at);
  return text;
}

static void a_signoff_finds_its_place(void **state) {
  static const char *const mores[] = {"",
                                      ",\"signoffs\":[]",
                                      ",\"signoffs\":[ // none\n ]",
                                      ",\"signoffs\":[/* ] */]// ]",
                                      ",\"signoffs\":[\n]",
                                      ",\n\"lateness\":\"5m\"// }"};
  (void)state;
  for (size_t i = 0; i < sizeof mores / sizeof *mores; i++) {
    struct buffer text = signed_text(mores[i]), before = text_of(mores[i]);
    size_t kept = 0; /* all that was there is there still, in its order */
    for (size_t j = 0; j < text.length && kept < before.length; j++) kept += text.at[j] == before.at[kept];
    assert_int_equal(kept, before.length);
    const char *why;
    assert_false(sign(&text, "a", 0, "Ann", &why));
    assert_non_null(strstr(why, "already"));
    buffer_fini(&text);
    buffer_fini(&before);
  }
}

static void a_stale_signoff_is_replaced(void **state) {
  struct buffer text = signed_text("");
  const char *why;
  bool parsed;
  (void)state;
  size_t length = text.length;
  *(char *)memchr(text.at, '7', length) = '8';
  assert_false(agreed(text.at, text.length, &parsed));
  assert_true(sign(&text, "a", 0, "Ann", &why));
  assert_true(sign(&text, "b", 1, "Bo \"B\" \xC3\xB6", &why));
  assert_true(agreed(text.at, text.length, &parsed));
  assert_int_equal(text.length, length);
  buffer_fini(&text);
}

static void the_wrong_key_or_team(void **state) {
  static const struct {
    const char *team;
    size_t vector;
  } table[] = {{"b", 0}, {"b", 2}, {"a", 1}};
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    struct buffer text = text_of("");
    const char *why;
    bool parsed;
    assert_true(sign(&text, "a", 0, "Ann", &why));
    assert_true(sign(&text, table[i].team, table[i].vector, "Eve", &why));
    assert_false(agreed(text.at, text.length, &parsed));
    assert_true(parsed);
    buffer_fini(&text);
  }
}

static void control_characters_never_verify(void **state) {
  struct buffer text = text_of("");
  const char *why;
  bool parsed;
  (void)state;
  assert_true(sign(&text, "a", 0, "Ann", &why));
  assert_true(sign(&text, "b", 1, "Bo\nx", &why)); /* the callers refuse such a name */
  assert_false(agreed(text.at, text.length, &parsed));
  assert_true(parsed);
  buffer_fini(&text);
  assert_false(signoff_text_good("a\nb") || signoff_text_good("") || signoff_text_good("\x7f") ||
               signoff_text_good("\xff"));
}

/* Every byte to every other: no definition, or not agreed, or canonically the same. There is nothing else. */
static void any_change_breaks_it(void **state) {
  struct buffer text = signed_text("");
  struct buffer whole = canonical(text.at, text.length);
  size_t same = 0, refused = 0, disagreed = 0;
  (void)state;
  for (size_t i = 0; i < text.length; i++) {
    char kept = text.at[i];
    for (int value = 0; value < 256; value++) {
      bool parsed;
      text.at[i] = (char)value;
      if ((char)value == kept) continue;
      if (!agreed(text.at, text.length, &parsed)) {
        disagreed += parsed;
        refused += !parsed;
        continue;
      }
      struct buffer now = canonical(text.at, text.length);
      if (now.length != whole.length || memcmp(now.at, whole.at, now.length) != 0)
        fail_msg("byte %zu as %d is agreed", i, value);
      buffer_fini(&now);
      same++;
    }
    text.at[i] = kept;
  }
  assert_true(same > 1000 && refused > 1000 && disagreed > 1000);
  buffer_fini(&whole);
  buffer_fini(&text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(vectors_of_the_rfc),
      cmocka_unit_test(weak_and_odd_keys),
      cmocka_unit_test(base64_is_strict),
      cmocka_unit_test(a_signoff_finds_its_place),
      cmocka_unit_test(a_stale_signoff_is_replaced),
      cmocka_unit_test(the_wrong_key_or_team),
      cmocka_unit_test(control_characters_never_verify),
      cmocka_unit_test(any_change_breaks_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
