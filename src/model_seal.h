/* model_seal.h - the signature and checksum at the front of a model file.
 *
 * Every version of the format begins alike: the 8 length bytes, DLCA_SEAL_FRONT, 32 lower-case hexadecimal digits. The
 * digits are XXH3-128 (xxHash by Yann Collet) of all bytes behind them, seeded with the length; the rest is fixed. So
 * every byte of the file is covered, and a damaged file is told apart from a foreign one before anything else is
 * believed. Leaves alone: the rest of the header. */
#ifndef DLCA_MODEL_SEAL_H
#define DLCA_MODEL_SEAL_H

#include "file.h"

#define DLCA_SEAL_FRONT "{\"__metadata__\":{\"format\":\"dlca\",\"checksum\":\""

enum { DLCA_SEAL_DIGITS = 32 };

/* What the writer puts in place of the digits at first. */
#define DLCA_SEAL_BLANK "00000000000000000000000000000000"

/* Fills in the digits of a file that begins with DLCA_SEAL_FRONT; false when it does not. */
bool dlca_seal(void *bytes, size_t size);

/* True when signature and checksum are right. Otherwise "not a dlca model file" or "damaged". */
bool dlca_seal_check(const void *bytes, size_t size, const char *name, DlcaError *error);

#endif
