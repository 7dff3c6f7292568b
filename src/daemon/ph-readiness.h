#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PhReadiness:
 *
 * Who waits for the server to serve: the process that was started with --background, and
 * systemd (sd_notify(3)).  A plain struct, owned by main; { -1 } is nobody.
 */
typedef struct
{
  int parent; /* a pipe to the process that waits, or -1 */
} PhReadiness;

/* --background: returns in a child that belongs to no terminal.  The parent stays until
 * the child serves or has failed, and ends with that.  Before any thread. */
void ph_readiness_detach (PhReadiness *self);

/* It serves.  A child of the background lets go of standard input and output. */
void ph_readiness_announce (PhReadiness *self);

/* It is about to end. */
void ph_readiness_announce_stop (PhReadiness *self);

G_END_DECLS
