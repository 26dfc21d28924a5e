/*
 * Where to go on: the stored position made sense of.
 *
 * The JVM counts characters and resumes in bytes, so what it stored for a file that is not all
 * ASCII does not stand at the beginning of a line. We store bytes. A position that is no border is
 * therefore read as a count of characters; if that is none, either, we go back to the beginning of
 * its line: a line twice is allowed, half a line is not.
 */
#ifndef CONNECTORS_FILE_RESUME_H
#define CONNECTORS_FILE_RESUME_H

#include "connectors/file/tail.h"

/* Sets the position of a file just opened from the stored offset. With file.identity it may also
 * set the descriptor: to the replaced file that is still to be finished. */
CD_MUST_CHECK bool file_resume(struct file_tail *tail, struct cd_error *err);

#endif
