#pragma once

#include "ph-journal-session.h"

G_BEGIN_DECLS

#define PH_TYPE_SESSION_LIST (ph_session_list_get_type ())
G_DECLARE_FINAL_TYPE (PhSessionList, ph_session_list, PH, SESSION_LIST, GObject)

/* What a session list shows; of each of the two groups none means all. */
typedef enum {
  PH_SESSION_SMTP = 1 << 0,
  PH_SESSION_SUBMISSION = 1 << 1,
  PH_SESSION_IMAP = 1 << 2,
  PH_SESSION_POP3 = 1 << 3,
  PH_SESSION_OUT = 1 << 4,

  PH_SESSION_RUNNING = 1 << 5,
  PH_SESSION_FAILED = 1 << 6,
} PhSessionKinds;

/**
 * PhSessionList:
 *
 * The sessions of the journal, newest first, less those that a filter hides.  The
 * order never changes; while it is held (somebody points at a row) nothing comes
 * or goes but what the journal drops.
 * Properties, notified: held (boolean), n-waiting (uint: how many a held list would
 * take in), n-total (uint: sessions there are, hidden ones with them).
 */
PhSessionList *ph_session_list_new (void);

/* A model of PhJournalSession, oldest first; NULL for none. */
void ph_session_list_set_sessions (PhSessionList *self,
                                   GListModel    *sessions);
void ph_session_list_set_kinds (PhSessionList *self,
                                PhSessionKinds kinds);
/* Only those that logged in as that; "" or NULL for any, and who did not. */
void ph_session_list_set_account (PhSessionList *self,
                                  const char    *account);
/* Who logged in, sorted, each once, whatever is shown; transfer full. */
char **ph_session_list_dup_accounts (PhSessionList *self);
void   ph_session_list_set_text (PhSessionList *self,
                                 const char    *text);
void   ph_session_list_set_held (PhSessionList *self,
                                 gboolean       held);

/* Takes in what waits, at once and held or not. */
void ph_session_list_show_waiting (PhSessionList *self);

G_END_DECLS
