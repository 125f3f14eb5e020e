/* key_file.c: libcrypto's PEM, files that are never overwritten. */
#include "key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "secret.h"

enum { PATH_ROOM = 4096, KEY_ROOM = 8192, MODE_PRIVATE = 0600, MODE_PUBLIC = 0644 };

static bool write_all(int file, const char *at, size_t length) {
  while (length > 0) {
    ssize_t count = write(file, at, length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    at += count;
    length -= (size_t)count;
  }
  return true;
}

/* A file that was not there before. */
static bool file_make(const char *path, int mode, const char *bytes, size_t length, char *why, size_t room) {
  int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
  if (file < 0) {
    snprintf(why, room, "%.300s: %s", path,
             errno == EEXIST ? "is there already; keys are never overwritten" : strerror(errno));
    return false;
  }
  bool good = write_all(file, bytes, length) && fsync(file) == 0;
  if (!good) snprintf(why, room, "%.300s: %s", path, strerror(errno));
  if (close(file) != 0 && good) {
    snprintf(why, room, "%.300s: %s", path, strerror(errno));
    good = false;
  }
  if (!good) unlink(path);
  return good;
}

/* The key as PEM, in memory that is wiped. */
static bool key_write(const char *path, EVP_PKEY *key, const char *passphrase, char *why, size_t room) {
  BIO *bio = BIO_new(BIO_s_mem());
  char *bytes = NULL;
  int length = passphrase ? (int)strlen(passphrase) : 0;
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio, key, passphrase ? EVP_aes_256_cbc() : NULL, (char *)passphrase, length,
                                            NULL, NULL) != 1)
    abort();
  long size = BIO_get_mem_data(bio, &bytes);
  bool good = file_make(path, MODE_PRIVATE, bytes, (size_t)size, why, room);
  explicit_bzero(bytes, (size_t)size);
  BIO_free(bio);
  return good;
}

static const char *base_name(const char *name) {
  const char *slash = strrchr(name, '/');
  return slash ? slash + 1 : name;
}

bool key_file_make(const char *name, const char *passphrase, char text[SIGNATURE_KEY_TEXT], char *why, size_t room) {
  char path[PATH_ROOM], public_path[PATH_ROOM], line[PATH_ROOM];
  uint8_t bytes[SIGNATURE_KEY];
  if (snprintf(path, sizeof path, "%s.key", name) >= PATH_ROOM - 100) {
    snprintf(why, room, "the name is too long");
    return false;
  }
  snprintf(public_path, sizeof public_path, "%s.pub", name);
  if (access(public_path, F_OK) == 0) {
    snprintf(why, room, "%.300s: is there already; keys are never overwritten", public_path);
    return false;
  }
  EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
  if (!key || !signature_public(key, bytes)) abort();
  signature_encode(bytes, sizeof bytes, text);
  int length = snprintf(line, sizeof line, "%s %.255s\n", text, base_name(name));
  bool good = key_write(path, key, passphrase, why, room);
  if (good && !file_make(public_path, MODE_PUBLIC, line, (size_t)length, why, room)) {
    unlink(path);
    good = false;
  }
  EVP_PKEY_free(key);
  return good;
}

/* --- reading --- */

struct passphrase {
  const char *file;
  char *why;
  size_t room;
  bool asked, failed;
};

/* libcrypto asks here when a key is encrypted. */
static int give_passphrase(char *bytes, int size, int writing, void *context) {
  struct passphrase *passphrase = context;
  char secret[SECRET_LINE];
  (void)writing;
  passphrase->asked = true;
  bool good = passphrase->file
                  ? secret_read_line(passphrase->file, secret, sizeof secret, passphrase->why, passphrase->room)
                  : secret_prompt("Passphrase of the key: ", secret, passphrase->why, passphrase->room);
  passphrase->failed = !good;
  int length = good ? (int)strlen(secret) : -1;
  if (length > size) length = -1;
  if (length > 0) memcpy(bytes, secret, (size_t)length);
  explicit_bzero(secret, sizeof secret);
  return length;
}

EVP_PKEY *key_file_read(const char *path, const char *passphrase_file, char *why, size_t room) {
  char bytes[KEY_ROOM];
  size_t length;
  uint8_t public_key[SIGNATURE_KEY];
  struct passphrase passphrase = {.file = passphrase_file, .why = why, .room = room};
  if (!secret_read(path, bytes, sizeof bytes, &length, why, room)) return NULL;
  BIO *bio = BIO_new_mem_buf(bytes, (int)length);
  if (!bio) abort();
  EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, &passphrase);
  BIO_free(bio);
  explicit_bzero(bytes, sizeof bytes);
  ERR_clear_error();
  if (key && signature_public(key, public_key)) return key;
  EVP_PKEY_free(key);
  if (passphrase.failed) return NULL;
  snprintf(why, room, "%.300s: %s", path,
           key                ? "not an Ed25519 key"
           : passphrase.asked ? "the passphrase is wrong"
                              : "no private key as `handover keygen` makes them");
  return NULL;
}
