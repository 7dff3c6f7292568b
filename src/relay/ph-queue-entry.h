#pragma once

#include "ph-queue-state.h"
#include "ph-smtp-envelope.h"

G_BEGIN_DECLS

/* As many as one message may have here, and the bytes of their file. */
#define PH_QUEUE_RECIPIENTS_MAX 1000
#define PH_QUEUE_ENV_MAX (4 * 1024 * 1024)

/* What the sender is still to be told of a recipient. */
typedef enum {
  PH_QUEUE_REPORT_NONE,
  PH_QUEUE_REPORT_FAILED,
  PH_QUEUE_REPORT_DELAYED,
  PH_QUEUE_REPORT_DELIVERED,
  PH_QUEUE_REPORT_RELAYED, /* to a server that makes no reports itself */
} PhQueueReport;

/* One recipient; strings NULL where there is nothing to say.  Times are µs since 1970. */
typedef struct
{
  char         *address; /* canonical */
  PhDsnNotify   notify;
  char         *orcpt;
  PhQueueState  state; /* never TRYING: that is not written down */
  guint         tries;
  gint64        next_try; /* 0: at once */
  gint64        last_try;
  char         *last_reply; /* "451 4.3.0 Try later": one line */
  char         *status;     /* "4.3.0" */
  char         *host;       /* the server that said so */
  char         *route;      /* how it was reached, for people: "mx1.example.org, TLS1.3, verified by DANE" */
  gboolean      delay_told;
  PhQueueReport report;
} PhQueueAddressee;

/**
 * PhQueueEntry:
 *
 * What ID.env says: the envelope of one queued message, and for each recipient how
 * far it has come.  A key file that a person can read; a program that drops a message
 * into the directory needs to write two lines of it, Sender and Recipients.
 * A plain struct, owned by whoever parsed it; handed from thread to thread, never shared.
 */
typedef struct
{
  char      *id;
  char      *sender;     /* "" is the null sender */
  GPtrArray *addressees; /* of PhQueueAddressee, owned */
  gint64     arrived;
  gint64     since;   /* from when the schedule counts: arrival, or the last release */
  gint64     release; /* nobody gets it before (RFC 4865); 0: at once */
  char      *hold;    /* how the sender asked for that, "for;3600"; or NULL */
  guint64    size;    /* of the message with CRLF line ends */
  PhSmtpBody body;
  gboolean   has_long_lines;
  gboolean   smtputf8;
  gboolean   requiretls;
  gboolean   tls_is_optional; /* as its header says; not written down */
  char      *via;             /* "mail.example.org:25": the server that it goes to, whatever the domains; or NULL */
  PhDsnRet   ret;
  char      *envid;
  gboolean   held;
  gboolean   from_here;  /* by who had logged in, or by this server itself: what it may vouch for */
  gboolean   dropped_in; /* by another program */
  gboolean   adopted;    /* FALSE while the file is another program's: it has no Version */
  char      *reason;     /* under bad/: why, in one line */
} PhQueueEntry;

PhQueueEntry *ph_queue_entry_new (const char           *id,
                                  const PhSmtpEnvelope *envelope,
                                  guint64               size,
                                  gint64                now);
void          ph_queue_entry_free (PhQueueEntry *self);

/* PH_RELAY_ERROR_INVALID says what is wrong with the file. */
PhQueueEntry *ph_queue_entry_parse (const char *id,
                                    const char *text,
                                    gsize       length,
                                    GError    **error);
char         *ph_queue_entry_format (const PhQueueEntry *self);

/* Of the recipient that is soonest; HELD while it is held. */
PhQueueState ph_queue_entry_get_state (const PhQueueEntry *self);

/* When somebody should look at it next, PH_QUEUE_NEVER where it waits for a person. 0: now.
 * `warn_after`: seconds until the sender is told of a delay. */
gint64 ph_queue_entry_get_due (const PhQueueEntry *self,
                               guint               warn_after);

/* "bob@example.org and 2 more" */
char *ph_queue_entry_summarize (const PhQueueEntry *self);

/* TRUE for those who are neither done nor failed. */
gboolean ph_queue_addressee_waits (const PhQueueAddressee *self);

/* Everybody who is not done is due from now on, as if the message had just come; or when its time
 * comes, where it has one. */
void ph_queue_entry_begin_anew (PhQueueEntry *self,
                                gint64        now);

/* Who has not got it yet, or never will, is replaced by this one recipient. */
void ph_queue_entry_readdress (PhQueueEntry *self,
                               const char   *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhQueueEntry, ph_queue_entry_free)

G_END_DECLS
