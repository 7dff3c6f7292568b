#pragma once

#include "ph-buffer.h"
#include "ph-journal-session.h"
#include "ph-peer.h"

G_BEGIN_DECLS

#define PH_TYPE_SESSION (ph_session_get_type ())
G_DECLARE_DERIVABLE_TYPE (PhSession, ph_session, PH, SESSION, GObject)

/* While this much output waits for the peer, a session produces no more. */
#define PH_SESSION_OUTPUT_HIGH (64 * 1024)

/* A driver offers at most this much unconsumed input at once; so no line or
 * other unit that a session wants whole may be longer. */
#define PH_SESSION_INPUT_MAX (128 * 1024)

/**
 * PhSession:
 *
 * One conversation of a protocol as a state machine: bytes in, bytes out; no
 * socket and no clock inside.  Whoever drives it (PhConnection, a test, a fuzz
 * target) feeds input, sends what is in the output buffer, and is told by the
 * `changed` callback that something is to be done: output to send, input that
 * can now be taken, TLS to start, a close.  Subclasses are the SMTP, POP3 and
 * IMAP sessions and the SMTP client.  Used in the main context only.
 *
 * Order of calls from a driver: start, then feed/drained/secured in any order,
 * then peer_closed or (after the session asked for it) disposal.
 */
struct _PhSessionClass
{
  GObjectClass parent_class;

  /* The connection stands (and TLS does, where implicit): a server greets. */
  void (*start) (PhSession *self);

  /* Takes what it can of the input and returns how many bytes that was.  Less
   * than `length` means: an incomplete unit, or the session waits (for a worker,
   * or for output to be read).  The driver offers the rest again when more has
   * come or after `changed`. */
  gsize (*feed) (PhSession    *self,
                 const guint8 *data,
                 gsize         length);

  /* The output buffer is empty enough to go on with a long reply. */
  void (*drained) (PhSession *self);

  /* The handshake that ph_session_start_tls() asked for succeeded. */
  void (*secured) (PhSession *self);

  /* The deadline passed: say goodbye where the protocol has words for it; the
   * driver closes when the output is sent or after a short grace.  A session that let
   * the peer wait on purpose sets its deadline anew, and goes on. */
  void (*timed_out) (PhSession *self);

  /* It ends by our will: 421, BYE, -ERR with the reason; then ph_session_close(). */
  void (*shut_down) (PhSession  *self,
                     const char *reason);

  /* The peer is gone (or TLS failed): cancel what runs; nothing can be sent.  A session whose
   * implicit TLS never stood gets this without a start. */
  void (*peer_closed) (PhSession *self);
};

typedef void (*PhSessionChangedFunc) (PhSession *session,
                                      gpointer   user_data);

/* For drivers */
void  ph_session_set_driver (PhSession           *self,
                             PhSessionChangedFunc changed,
                             gpointer             user_data);
void  ph_session_start (PhSession *self,
                        PhPeer    *peer);
gsize ph_session_feed (PhSession    *self,
                       const guint8 *data,
                       gsize         length);
void  ph_session_drained (PhSession *self);
void  ph_session_secured (PhSession *self,
                          PhPeer    *peer);

/* FALSE: the session goes on, with a new deadline. */
gboolean ph_session_timed_out (PhSession *self);

/* A goodbye with the reason in words for the peer ("The server is going down"), and the end.
 * Others than the driver may ask for it, too: it is told. */
void ph_session_shut_down (PhSession  *self,
                           const char *reason);

void ph_session_peer_closed (PhSession *self);

/* Borrowed; the driver consumes what it has sent. */
PhBuffer *ph_session_get_output (PhSession *self);

/* TRUE once the session wants the connection closed after its output is sent. */
gboolean ph_session_wants_close (PhSession *self);

/* TRUE from ph_session_start_tls() until ph_session_secured().  The driver sends
 * the output first, then shakes hands; input that it already holds in clear at
 * that moment means command injection (V03): it closes at once. */
gboolean ph_session_wants_tls (PhSession *self);

/* Seconds that the session may stay without progress from the last call of
 * ph_session_set_deadline(); 0 for none.  The time runs while output waits for a slow
 * peer, too: a session with a long reply sets it anew in `drained`.  The driver compares `serial` to see
 * that it was set anew. */
guint ph_session_get_deadline (PhSession *self,
                               guint     *serial);

/* While there are too many sessions beside it, it waits no longer than its patience (ph_session_set_patience()). */
void ph_session_set_hurried (PhSession *self,
                             gboolean   hurried);

/* How long the peer may say nothing between two commands; never less than its RFC asks for.  Before start. */
void ph_session_set_silence (PhSession *self,
                             guint      seconds);

/* For subclasses */

/* NULL before start and in sessions that nobody started. Borrowed. */
PhPeer *ph_session_get_peer (PhSession *self);

/* Where the conversation is written down; NULL in most tests.  Borrowed. */
void              ph_session_set_journal (PhSession        *self,
                                          PhJournalSession *journal);
PhJournalSession *ph_session_get_journal (PhSession *self);

void ph_session_write (PhSession  *self,
                       const void *data,
                       gsize       length);
void ph_session_write_string (PhSession  *self,
                              const char *string);
void ph_session_printf (PhSession  *self,
                        const char *format,
                        ...) G_GNUC_PRINTF (2, 3);

/* A layer between what the session writes and the wire (COMPRESS): called with what was
 * written since the last time, when the driver is about to send. */
typedef void (*PhSessionEncodeFunc) (const guint8 *data,
                                     gsize         length,
                                     PhBuffer     *out,
                                     gpointer      user_data);

/* From now on; what was written before goes out as it is. */
void ph_session_set_encoder (PhSession          *self,
                             PhSessionEncodeFunc encode,
                             gpointer            user_data);

/* TRUE while less than PH_SESSION_OUTPUT_HIGH waits to be sent. */
gboolean ph_session_can_write (PhSession *self);

/* Tells the driver to look again: output was written outside of a call from the
 * driver, or input can be taken again.  Cheap to call too often. */
void ph_session_changed (PhSession *self);

void ph_session_start_tls (PhSession *self);
void ph_session_close (PhSession *self);
void ph_session_set_deadline (PhSession *self,
                              guint      seconds);

/* The deadline is ph_session_set_silence()'s, or `least`, what the RFC asks for, in seconds. */
void ph_session_await_command (PhSession *self,
                               guint      least);

/* Of the deadline that was set last, how much is left of it while there are too many sessions; 0, which it is unless set: all. */
void     ph_session_set_patience (PhSession *self,
                                  guint      seconds);
gboolean ph_session_is_hurried (PhSession *self);

G_END_DECLS
