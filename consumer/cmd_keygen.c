/* cmd_keygen.c: `handover keygen`: a key to sign definitions with. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "key_file.h"
#include "secret.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 1024 };

static const char help[] =
    "usage: handover keygen [--passphrase | --passphrase-file FILE] NAME\n"
    "\n"
    "Makes a key to sign definitions with: NAME.key, which is yours alone, and NAME.pub, which goes to whoever keeps "
    "the\n"
    "trust file. Nothing is ever overwritten.\n"
    "\n"
    "  handover keygen --passphrase mia\n"
    "  handover approve --key mia.key --team marketing --by \"Mia Moss\" definition.json\n"
    "\n"
    "  --passphrase            encrypts the key; the passphrase is asked for on the terminal\n"
    "  --passphrase-file FILE  encrypts the key by the first line of a file that nobody else may read\n"
    "  --help                  this text\n"
    "\n"
    "Exit status 0: done; 2: wrong usage, or there is such a file already; 3: the answer cannot be written.\n";

struct keygen {
  const char *name, *passphrase_file;
  bool passphrase, help;
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover keygen: %s%s%s\n", what, *what ? ": " : "", why);
  return false;
}

static bool keygen_parse(struct keygen *keygen, int argc, char **argv) {
  static const struct option names[] = {{"passphrase", no_argument, NULL, 'p'},
                                        {"passphrase-file", required_argument, NULL, 'f'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
    if (option == 'p') keygen->passphrase = true;
    else if (option == 'f') keygen->passphrase_file = optarg;
    else if (option == 'h') keygen->help = true;
    else return say(argv[optind - 1], "there is no such option, or its value is missing or too much");
  }
  if (keygen->help) return true;
  if (optind + 1 != argc || !*argv[optind])
    return say("NAME", "one name is wanted: the files are NAME.key and NAME.pub");
  if (keygen->passphrase && keygen->passphrase_file) return say("--passphrase", "is asked for, or in a file: not both");
  keygen->name = argv[optind];
  return true;
}

/* Typed twice, for nobody sees it. */
static bool passphrase_ask(char *secret, char *why, size_t room) {
  char again[SECRET_LINE];
  if (!secret_prompt("Passphrase for the new key: ", secret, why, room)) return false;
  bool good = secret_prompt("The same again: ", again, why, room);
  if (good && strcmp(secret, again) != 0) {
    snprintf(why, room, "the two passphrases differ");
    good = false;
  }
  explicit_bzero(again, sizeof again);
  return good;
}

static int keygen_work(const struct keygen *keygen) {
  char why[WHY] = "", secret[SECRET_LINE] = "", text[SIGNATURE_KEY_TEXT];
  bool good = true;
  if (keygen->passphrase_file) good = secret_read_line(keygen->passphrase_file, secret, sizeof secret, why, sizeof why);
  else if (keygen->passphrase) good = passphrase_ask(secret, why, sizeof why);
  good = good && key_file_make(keygen->name, *secret ? secret : NULL, text, why, sizeof why);
  explicit_bzero(secret, sizeof secret);
  if (!good) {
    say("", why);
    return STATUS_USAGE;
  }
  printf("%s.key: the secret key, yours alone%s\n", keygen->name,
         keygen->passphrase || keygen->passphrase_file ? "" : "; it is not encrypted");
  printf("%s.pub: the public key, %s\n", keygen->name, text);
  printf("a line for the trust file: TEAM %s\n", text);
  return fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
}

int cmd_keygen(int argc, char **argv) {
  struct keygen keygen = {0};
  if (!keygen_parse(&keygen, argc, argv)) {
    fputs("`handover keygen --help` says what can be said\n", stderr);
    return STATUS_USAGE;
  }
  if (!keygen.help) return keygen_work(&keygen);
  fputs(help, stdout);
  return fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
}
