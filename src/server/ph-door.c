#include "ph-door.h"

#include "ph-traffic.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MINUTE (60 * G_USEC_PER_SEC)

/* What is said in place of a greeting (RFC 5321 3.1, RFC 3501 7.1.5, RFC 3206). */
static const struct
{
  const char *name;  /* its beginning */
  const char *title; /* as the log names it */
  const char *for_now;
  const char *for_good;
} protocols[] = {
  { "smtp", "SMTP", "421 4.7.0 This address is blocked for now\r\n", "554 5.7.1 This address is blocked\r\n" },
  { "submission", "Submission", "421 4.7.0 This address is blocked for now\r\n", "554 5.7.1 This address is blocked\r\n" },
  { "lmtp", "LMTP", "421 4.7.0 This address is blocked for now\r\n", "554 5.7.1 This address is blocked\r\n" },
  { "pop3", "POP3", "-ERR [SYS/TEMP] This address is blocked for now\r\n", "-ERR [SYS/PERM] This address is blocked\r\n" },
  { "imap", "IMAP", "* BYE This address is blocked for now\r\n", "* BYE This address is blocked\r\n" },
};

struct _PhDoor
{
  GObject parent_instance;

  PhService   *service;
  guint        protocol;
  PhBlockList *blocked;
  PhJournal   *journal;
  PhClock     *clock;
  gint64       minute; /* monotonic start of the one that is counted in */
  guint        n_told;
  guint        n_untold;
};

G_DEFINE_FINAL_TYPE (PhDoor, ph_door, G_TYPE_OBJECT)

static void
ph_door_finalize (GObject *object)
{
  PhDoor *self = PH_DOOR (object);

  g_object_unref (self->blocked);
  g_object_unref (self->journal);
  g_object_unref (self->clock);

  G_OBJECT_CLASS (ph_door_parent_class)->finalize (object);
}

static void
ph_door_class_init (PhDoorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_door_finalize;
}

static void
ph_door_init (PhDoor *self)
{
}

static gboolean
may_tell (PhDoor *self)
{
  gint64 now = ph_clock_get_monotonic_time (self->clock);

  if (now - self->minute >= MINUTE)
    {
      self->minute = now;
      self->n_told = 0;
    }
  if (self->n_told == PH_DOOR_TOLD_MAX)
    {
      self->n_untold++;
      return FALSE;
    }
  self->n_told++;

  return TRUE;
}

/* A session of its own, however short. */
static void
tell (PhDoor     *self,
      PhPeer     *peer,
      const char *words, /* or NULL */
      const char *why,
      const char *cause)
{
  g_autofree char *name = g_strdup_printf (strchr (peer->address, ':') != NULL ? "[%s]:%u" : "%s:%u", peer->address, peer->port);
  g_autoptr (PhJournalSession) session = ph_journal_begin (self->journal, protocols[self->protocol].title, FALSE, name);

  ph_journal_session_note (session, "%s", why);
  /* Over TLS nothing is said: there would have to be a handshake first. */
  if (words != NULL && ph_service_get_tls (self->service) != PH_SERVICE_TLS_IMPLICIT)
    ph_journal_session_add (session, PH_JOURNAL_SERVER, words, strlen (words) - strlen ("\r\n"));
  if (self->n_untold > 0)
    /* Translators: a number of connections */
    ph_journal_session_note (session, ngettext ("%u more was sent away unwritten before this one", "%u more were sent away unwritten before this one", self->n_untold), self->n_untold);
  self->n_untold = 0;
  ph_journal_session_end (session, cause);
}

/* So that it can be undone. */
static char *
format_block (PhBlock *block)
{
  g_autoptr (GDateTime) until = ph_block_get_until (block) != 0 ? g_date_time_new_from_unix_utc (ph_block_get_until (block) / G_USEC_PER_SEC) : NULL;
  g_autofree char *date = until != NULL ? g_date_time_format_iso8601 (until) : NULL;

  if (date == NULL)
    /* Translators: an address */
    return g_strdup_printf (_ ("Somebody has blocked %s for good (Preferences; Blocked in [Limits])"), ph_block_get_address (block));

  /* Translators: an address, and a date and time */
  return g_strdup_printf (_ ("Somebody has blocked %s until %s (Preferences; Blocked in [Limits])"), ph_block_get_address (block), date);
}

static const char *
refuse_cb (PhPeer  *peer,
           gpointer user_data)
{
  PhDoor          *self = user_data;
  PhBlock         *block = ph_block_list_find (self->blocked, peer->address);
  const char      *words;
  g_autofree char *why = NULL;

  if (block == NULL)
    return NULL;

  words = ph_block_get_until (block) != 0 ? protocols[self->protocol].for_now : protocols[self->protocol].for_good;
  why = format_block (block);
  if (may_tell (self))
    tell (self, peer, words, why, N_ ("This address is blocked"));

  return words;
}

static void
refused_cb (PhPeer     *peer,
            const char *words,
            const char *why,
            gpointer    user_data)
{
  PhDoor *self = user_data;

  if (peer != NULL && why != NULL && may_tell (self))
    tell (self, peer, words, why, N_ ("There are too many connections"));
  ph_traffic_add (ph_journal_get_traffic (self->journal), PH_TRAFFIC_TURNED_AWAY, ph_clock_get_real_time (self->clock));
}

PhDoor *
ph_door_new (PhService   *service,
             PhBlockList *blocked,
             PhJournal   *journal,
             PhClock     *clock)
{
  PhDoor *self = g_object_new (PH_TYPE_DOOR, NULL);

  self->service = service;
  while (self->protocol < G_N_ELEMENTS (protocols) - 1 && !g_str_has_prefix (ph_service_get_name (service), protocols[self->protocol].name))
    self->protocol++;
  self->blocked = g_object_ref (blocked);
  self->journal = g_object_ref (journal);
  self->clock = g_object_ref (clock);
  self->minute = G_MININT64 / 2;
  ph_service_set_refuse (service, refuse_cb, refused_cb, self);

  return self;
}
