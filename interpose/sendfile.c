/* sendfile: what of a file goes to another task is read and written, so that who waits for it, or follows it, hears. */
#include "call.h"

#include <sys/sendfile.h>
#include <unistd.h>

#include "sys.h"
#include "transfer.h"

enum { PIECE_BYTES = 3072 };

/* From `start` on; the number of bytes, or a negative errno where there are none. */
static ssize_t copy_file(int to, int from, off64_t start, size_t wanted)
{
	char bytes[PIECE_BYTES];
	size_t done = 0;

	while (done < wanted) {
		size_t most = wanted - done < sizeof bytes ? wanted - done : sizeof bytes;
		long nread = sys_call(SYS_pread64, from, (long)bytes, (long)most, start + (off64_t)done, 0, 0);
		struct iovec piece = {bytes, nread > 0 ? (size_t)nread : 0};
		ssize_t nwritten = nread > 0 ? transfer_write(to, &piece, 1, done > 0) : nread;
		if (nwritten <= 0)
			return done > 0 ? (ssize_t)done : nwritten;
		done += (size_t)nwritten;
		if (nwritten < nread)
			break; /* there is no room, and it does not wait */
	}
	return (ssize_t)done;
}

/* Its position is where it is sent from, unless the caller has one of its own. */
static ssize_t send_file(int to, int from, off64_t *offset, size_t wanted)
{
	off64_t start = offset ? *offset : sys_call3(SYS_lseek, from, 0, SEEK_CUR);
	ssize_t nbytes = copy_file(to, from, start, wanted);

	if (nbytes > 0 && offset)
		*offset += nbytes;
	else if (nbytes > 0)
		sys_call3(SYS_lseek, from, start + nbytes, SEEK_SET);
	return call_result(nbytes);
}

/* A channel whose bytes are followed, and a file, which has positions. */
static bool is_followed(int to, int from)
{
	return transfer_writes(to) && sys_call3(SYS_lseek, from, 0, SEEK_CUR) >= 0;
}

INTERPOSE(ssize_t, sendfile, (int to, int from, off_t *offset, size_t wanted), (to, from, offset, wanted))
{
	if (!is_followed(to, from))
		return call_slept(genuine_sendfile(to, from, offset, wanted));
	return send_file(to, from, (off64_t *)offset, wanted);
}

INTERPOSE(ssize_t, sendfile64, (int to, int from, off64_t *offset, size_t wanted), (to, from, offset, wanted))
{
	if (!is_followed(to, from))
		return call_slept(genuine_sendfile64(to, from, offset, wanted));
	return send_file(to, from, offset, wanted);
}
