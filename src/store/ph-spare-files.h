#pragma once

#include "ph-worker-pool.h"

G_BEGIN_DECLS

/* Kept ready: what a burst of senders begins before the thread has made more. */
#define PH_SPARE_FILES 64

/**
 * PhSpareFiles:
 *
 * Unnamed files (O_TMPFILE) made ahead of time by a thread of its own, because making
 * one waits for the file system's journal: a tenth of a second while a disk is busy, in
 * which the main context would answer nobody and draw nothing.  Owned by PhStoreShared;
 * holds at most PH_SPARE_FILES descriptors.  Used in the main context.
 */
typedef struct _PhSpareFiles PhSpareFiles;

/* `dir_fd` is borrowed and outlives it. */
PhSpareFiles *ph_spare_files_new (int dir_fd);

/* Waits for its thread. */
void ph_spare_files_free (PhSpareFiles *self);

/* A new empty file that is the caller's, or -1 where none is ready (or the file system
 * has none that are unnamed); more are made meanwhile. */
int ph_spare_files_take (PhSpareFiles *self);

G_END_DECLS
