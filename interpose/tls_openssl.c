/*
 * OpenSSL: where text is encrypted and decrypted. It may be any of several in the process, so that the genuine functions
 * are found for each caller.
 */
#include "call.h"

#include <limits.h>

#include "openssl_library.h"
#include "session_tls.h"
#include "tls_observed.h"

/* The guard wants an entry of the table: its functions are found elsewhere. */
static void *found = &found;
static const struct interposed entry = {.name = "SSL", .library = "libssl.so.3", .genuine = &found};

#define CALLER ((uint64_t)(uintptr_t)__builtin_return_address(0))

#define OPENSSL(result, name, parameters, arguments, observed) \
	static result body_##name parameters; \
	INTERPOSE_EXPORT result name parameters; \
	INTERPOSE_EXPORT result name parameters \
	{ \
		struct guard guard __attribute__((cleanup(guard_leave))) = {0}; \
		if (!guard_enter(&guard, &entry, __builtin_return_address(0))) \
			return control_mode == CONTROL_OBSERVE ? (observed) : openssl_library(CALLER)->name arguments; \
		return body_##name arguments; \
	} \
	static result body_##name parameters

static const struct openssl_library *library(void)
{
	return openssl_library(self.site);
}

static int64_t read_ahead(const struct session_tls *tls, void *bytes, size_t nbytes)
{
	const struct openssl_library *genuine = tls->genuine;

	return genuine->SSL_read(tls->handle, bytes, (int)nbytes);
}

static struct session_tls tls_of(const SSL *ssl, const struct openssl_library *genuine)
{
	return (struct session_tls){.handle = (void *)(uintptr_t)ssl, .read = read_ahead,
		.genuine = (void *)(uintptr_t)genuine};
}

static struct session_tls tls_here(const SSL *ssl)
{
	return tls_of(ssl, library());
}

/* A genuine call, observed: what it sends and receives are encrypted bytes. */
#define OBSERVED_THROUGH(name, ssl, ...) \
	({ \
		const struct openssl_library *genuine = openssl_library(CALLER); \
		struct session_tls tls = tls_of(ssl, genuine); \
		SESSION_TLS_PLACE(&tls, TLS_WORKS); \
		genuine->name(ssl __VA_OPT__(, ) __VA_ARGS__); \
	})

/* A genuine call that sends and receives encrypted bytes. */
#define THROUGH(tls, call) \
	({ \
		SESSION_TLS_PLACE(tls, TLS_WORKS); \
		call_user_begin(); \
		int through_result = (call); \
		call_user_end(); \
		point_ensure(); \
		through_result; \
	})

/*
 * It is part of connecting, so the turn is kept while the server answers. Into how many pieces the network cuts the answer
 * is not for who waits for a socket that doesn't block to see.
 */
static int shake_hands(SSL *ssl, int (*genuine)(SSL *))
{
	struct session_tls tls = tls_here(ssl);
	int result;

	do
		result = THROUGH(&tls, genuine(ssl));
	while (result < 0 && library()->SSL_want(ssl) == ABI_OPENSSL_READING && session_tls_awaits(&tls));
	return result;
}

OPENSSL(int, SSL_connect, (SSL * ssl), (ssl), OBSERVED_THROUGH(SSL_connect, ssl))
{
	return shake_hands(ssl, library()->SSL_connect);
}

OPENSSL(int, SSL_do_handshake, (SSL * ssl), (ssl), OBSERVED_THROUGH(SSL_do_handshake, ssl))
{
	return shake_hands(ssl, library()->SSL_do_handshake);
}

OPENSSL(int, SSL_shutdown, (SSL * ssl), (ssl), OBSERVED_THROUGH(SSL_shutdown, ssl))
{
	struct session_tls tls = tls_here(ssl);

	return THROUGH(&tls, library()->SSL_shutdown(ssl));
}

static size_t length_of(int nbytes)
{
	return nbytes > 0 ? (size_t)nbytes : 0;
}

static void tell_read(SSL *ssl, const void *bytes, int64_t nbytes)
{
	struct session_tls tls = tls_of(ssl, NULL);

	tls_observed_received(&tls, bytes, nbytes);
}

OPENSSL(int, SSL_read, (SSL * ssl, void *bytes, int nbytes), (ssl, bytes, nbytes), ({
	int result = OBSERVED_THROUGH(SSL_read, ssl, bytes, nbytes);
	tell_read(ssl, bytes, result);
	result;
}))
{
	struct session_tls tls = tls_here(ssl);
	int n = (int)session_tls_take(&tls, bytes, length_of(nbytes), false);

	if (n > 0)
		return n;
	n = THROUGH(&tls, library()->SSL_read(ssl, bytes, nbytes));
	session_tls_received(&tls, bytes, n);
	return n;
}

OPENSSL(int, SSL_read_ex, (SSL * ssl, void *bytes, size_t nbytes, size_t *nread), (ssl, bytes, nbytes, nread), ({
	int result = OBSERVED_THROUGH(SSL_read_ex, ssl, bytes, nbytes, nread);
	tell_read(ssl, bytes, result > 0 ? (int64_t)*nread : 0);
	result;
}))
{
	struct session_tls tls = tls_here(ssl);
	size_t n = session_tls_take(&tls, bytes, nbytes, false);

	if (n > 0) {
		*nread = n;
		return 1;
	}
	int result = THROUGH(&tls, library()->SSL_read_ex(ssl, bytes, nbytes, nread));
	session_tls_received(&tls, bytes, result > 0 ? (int64_t)*nread : 0);
	return result;
}

OPENSSL(int, SSL_peek, (SSL * ssl, void *bytes, int nbytes), (ssl, bytes, nbytes),
	OBSERVED_THROUGH(SSL_peek, ssl, bytes, nbytes))
{
	struct session_tls tls = tls_here(ssl);
	int n = (int)session_tls_take(&tls, bytes, length_of(nbytes), true);

	return n > 0 ? n : THROUGH(&tls, library()->SSL_peek(ssl, bytes, nbytes));
}

OPENSSL(int, SSL_peek_ex, (SSL * ssl, void *bytes, size_t nbytes, size_t *nread), (ssl, bytes, nbytes, nread),
	OBSERVED_THROUGH(SSL_peek_ex, ssl, bytes, nbytes, nread))
{
	struct session_tls tls = tls_here(ssl);
	size_t n = session_tls_take(&tls, bytes, nbytes, true);

	if (n == 0)
		return THROUGH(&tls, library()->SSL_peek_ex(ssl, bytes, nbytes, nread));
	*nread = n;
	return 1;
}

OPENSSL(int, SSL_pending, (const SSL *ssl), (ssl), openssl_library(CALLER)->SSL_pending(ssl))
{
	struct session_tls tls = tls_here(ssl);

	return (int)session_tls_pending(&tls) + library()->SSL_pending(ssl);
}

OPENSSL(int, SSL_has_pending, (const SSL *ssl), (ssl), openssl_library(CALLER)->SSL_has_pending(ssl))
{
	struct session_tls tls = tls_here(ssl);

	return session_tls_pending(&tls) > 0 || library()->SSL_has_pending(ssl);
}

/* What the program gets when the library never hears of it: it was sent, and is lost. */
struct writing {
	struct session_tls_text text;
	const struct openssl_library *library;
	SSL *ssl;
	int result;
	size_t nwritten;
};

static int64_t write_plain(struct session_tls_text *text)
{
	struct writing *writing = (struct writing *)text;

	return writing->result = writing->library->SSL_write(writing->ssl, text->bytes, (int)text->nbytes);
}

static int64_t write_extended(struct session_tls_text *text)
{
	struct writing *writing = (struct writing *)text;

	writing->nwritten = 0;
	writing->result = writing->library->SSL_write_ex(writing->ssl, text->bytes, text->nbytes, &writing->nwritten);
	return writing->result > 0 ? (int64_t)writing->nwritten : 0;
}

/* By way of the session, or as it is observed. */
static void write_text(struct writing *writing, uint64_t site, bool observed)
{
	struct session_tls tls = tls_of(writing->ssl, writing->library);

	if (observed)
		tls_observed_send(&tls, &writing->text, site);
	else
		session_tls_send(&tls, &writing->text);
}

static int write_plainly(SSL *ssl, const void *bytes, int nbytes, uint64_t site, bool observed)
{
	struct writing writing = {.text = {write_plain, bytes, length_of(nbytes)}, .library = openssl_library(site),
		.ssl = ssl, .result = nbytes};

	if (nbytes < 0)
		return writing.library->SSL_write(ssl, bytes, nbytes);
	write_text(&writing, site, observed);
	return writing.result;
}

OPENSSL(int, SSL_write, (SSL * ssl, const void *bytes, int nbytes), (ssl, bytes, nbytes),
	write_plainly(ssl, bytes, nbytes, CALLER, true))
{
	return write_plainly(ssl, bytes, nbytes, self.site, false);
}

static int write_extendedly(SSL *ssl, const void *bytes, size_t nbytes, size_t *nwritten, uint64_t site, bool observed)
{
	struct writing writing = {.text = {write_extended, bytes, nbytes}, .library = openssl_library(site), .ssl = ssl,
		.result = 1, .nwritten = nbytes};

	write_text(&writing, site, observed);
	if (nwritten)
		*nwritten = writing.nwritten;
	return writing.result;
}

OPENSSL(int, SSL_write_ex, (SSL * ssl, const void *bytes, size_t nbytes, size_t *nwritten), (ssl, bytes, nbytes, nwritten),
	write_extendedly(ssl, bytes, nbytes, nwritten, CALLER, true))
{
	return write_extendedly(ssl, bytes, nbytes, nwritten, self.site, false);
}

static void tell_gone(SSL *ssl)
{
	struct session_tls tls = tls_of(ssl, NULL);

	tls_observed_forget(&tls);
}

OPENSSL(int, SSL_clear, (SSL * ssl), (ssl), ({
	tell_gone(ssl);
	openssl_library(CALLER)->SSL_clear(ssl);
}))
{
	struct session_tls tls = tls_here(ssl);

	session_tls_forget(&tls);
	return THROUGH(&tls, library()->SSL_clear(ssl));
}

INTERPOSE_EXPORT void SSL_free(SSL *ssl);

INTERPOSE_EXPORT void SSL_free(SSL *ssl)
{
	struct guard guard __attribute__((cleanup(guard_leave))) = {0};

	if (!guard_enter(&guard, &entry, __builtin_return_address(0))) {
		if (control_mode == CONTROL_OBSERVE)
			tell_gone(ssl);
		openssl_library(CALLER)->SSL_free(ssl);
		return;
	}
	struct session_tls tls = tls_here(ssl);
	session_tls_forget(&tls);
	call_user_begin();
	library()->SSL_free(ssl);
	call_user_end();
}
