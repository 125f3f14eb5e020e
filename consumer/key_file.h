/* key_file.h: keys to sign with: NAME.key (PKCS#8 PEM, encrypted or not, for its owner alone) and NAME.pub (one line).
 * Secrets are wiped from memory. May use: libcrypto, secret.h, signature.h. */
#ifndef HANDOVER_CONSUMER_KEY_FILE_H
#define HANDOVER_CONSUMER_KEY_FILE_H

#include "../config/signature.h"

/* Makes a key and writes both files, neither of which may be there. `passphrase` NULL: not encrypted. `text` takes the public
 * key's base64. False with a sentence in `why`; then there is neither file. */
bool key_file_make(const char *name, const char *passphrase, char text[SIGNATURE_KEY_TEXT], char *why, size_t room);

/* Reads an Ed25519 key; the passphrase of an encrypted one comes from the file, or (NULL) from the terminal. NULL with a
 * sentence in `why`. The caller frees it (EVP_PKEY_free, which wipes it). */
EVP_PKEY *key_file_read(const char *path, const char *passphrase_file, char *why, size_t room);

#endif
