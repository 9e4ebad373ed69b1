/*
 * Genuine OpenSSL functions. A process may have several OpenSSLs (those that come with drivers beside the system's), whose
 * objects must not be mixed: each caller gets those of the library that it is linked with.
 */
#ifndef RACE_OPENSSL_LIBRARY_H
#define RACE_OPENSSL_LIBRARY_H

#include <stdint.h>

#include "abi/openssl.h"

struct openssl_library {
#define X(result, name, parameters) result(*name) parameters;
	ABI_OPENSSL_FUNCTIONS(X)
#undef X
};

/* The one that calls from this address mean. Members may be NULL, where the caller can't call them. */
const struct openssl_library *openssl_library(uint64_t caller);

/* A library has been closed: addresses may mean others. */
void openssl_library_forget(void);

#endif
