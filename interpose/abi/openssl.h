/*
 * The part of OpenSSL's C interface that we intercept and call: our own declarations, so that librace.so builds without its
 * headers. The same in versions 1.1 and 3. Reference: https://docs.openssl.org/3.0/man3/SSL_read/
 */
#ifndef RACE_ABI_OPENSSL_H
#define RACE_ABI_OPENSSL_H

#include <stddef.h>

/* The functions' names are theirs, so are the types'. */
typedef struct ssl_st SSL;

enum { ABI_OPENSSL_READING = 3 }; /* of SSL_want() */

/* X(result, name, parameters) */
#define ABI_OPENSSL_FUNCTIONS(X) \
	X(int, SSL_connect, (SSL *)) \
	X(int, SSL_do_handshake, (SSL *)) \
	X(int, SSL_read, (SSL *, void *, int)) \
	X(int, SSL_read_ex, (SSL *, void *, size_t, size_t *)) \
	X(int, SSL_peek, (SSL *, void *, int)) \
	X(int, SSL_peek_ex, (SSL *, void *, size_t, size_t *)) \
	X(int, SSL_pending, (const SSL *)) \
	X(int, SSL_has_pending, (const SSL *)) \
	X(int, SSL_write, (SSL *, const void *, int)) \
	X(int, SSL_write_ex, (SSL *, const void *, size_t, size_t *)) \
	X(int, SSL_want, (const SSL *)) \
	X(int, SSL_shutdown, (SSL *)) \
	X(int, SSL_clear, (SSL *)) \
	X(void, SSL_free, (SSL *))

#endif
