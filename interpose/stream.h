/*
 * stdio's streams. The C library reads and writes them by calls within itself that no preload sees; but it makes these
 * calls through a table of functions that belongs to each kind of stream. The entries for files that read, write and
 * close are replaced by ours.
 */
#ifndef RACE_STREAM_H
#define RACE_STREAM_H

/*
 * Called once when the library loads. A C library whose tables look different is left alone: then streams on pipes
 * block in the kernel, and such executions are marked as lapsed.
 */
void stream_open(void);

#endif
