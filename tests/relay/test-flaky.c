/* RELIABILITY.md T15: many messages, servers that fail in every way, ways that lead nowhere, a turned clock, and restarts. */

#include "relay-fixture.h"

#include "../support/dnsmasq.h"

#define MESSAGES 1000
#define SERVERS 5

/* What is done to every second message, or connection. */
static const char *const troubles[] = {
  "GREETING: 421 4.3.2 busy",
  "GREETING: 450 4.3.2 not now",
  "GREETING: 554 5.3.2 no mail here",
  "GREETING: !reset",
  "GREETING: !close",
  "GREETING: !half",
  "GREETING: 220-one\\n250 and another",
  "EHLO: !reset",
  "EHLO: !close",
  "EHLO: !half",
  "EHLO: 421 busy",
  "EHLO: 451 later",
  "EHLO: 550 what?",
  "EHLO: 550 what?\nHELO: 550 nobody",
  "EHLO: no code at all",
  "MAIL: 451 4.7.1 greylisted",
  "MAIL: 421 busy",
  "MAIL: 550 5.7.1 not from you",
  "MAIL: !reset",
  "MAIL: !close",
  "MAIL: !half",
  "RCPT: 450 4.2.1 later",
  "RCPT: 452 4.5.3 too many",
  "RCPT: 421 busy",
  "RCPT: !close",
  "RCPT: !reset",
  "RCPT: !half",
  "RCPT: 550 5.1.1 who?",
  "RCPT: 999 who knows",
  "DATA: 451 4.3.0 later",
  "DATA: 421 busy",
  "DATA: 554 5.5.1 no",
  "DATA: 250 no data is wanted",
  "DATA: !reset",
  "DATA: !close",
  "DOT: 451 4.3.0 later",
  "DOT: 421 4.3.2 going",
  "DOT: 554 5.7.1 spam",
  "DOT: 350 more?",
  "DOT: !reset",
  "DOT: !close",
  "DOT: !half",
  "STARTTLS: !garbage",
  "STARTTLS: !reset",
  "STARTTLS: !close",
  "STARTTLS: 454 not now",
  "STARTTLS: 554 never",
  "QUIT: !reset",
  "GREETING: !stall",
  "EHLO: !stall",
  "STARTTLS: !stall",
  "MAIL: !stall",
  "RCPT: !stall",
  "DATA: !stall",
  "DOT: !stall",
};

/* Where every tenth message goes, the others to addresses; a NULL domain stands for one of these. */
static const char *const domains[10] = { [2] = "hole.test", [4] = "null.test", [6] = "alias.test", [8] = "fifty.test" };

typedef struct
{
  RelayFixture  f;
  Dnsmasq       dnsmasq;
  PhResolver   *resolver; /* NULL where there is no dnsmasq: then all go to addresses */
  int           hole;     /* a socket that takes no connection any more */
  int           fillers[4];
  ScriptServer *servers[SERVERS];
} Fixture;

/* An IPv6 black hole: a listener whose queue is full answers no SYN.  -1 where there is no IPv6. */
static void
dig_hole (Fixture *self,
          guint16  port)
{
  struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT, .sin6_port = htons (port) };

  self->hole = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (self->hole < 0 || bind (self->hole, (struct sockaddr *)&address, sizeof address) != 0 || listen (self->hole, 0) != 0)
    g_test_message ("There is no IPv6 here: hole.test has IPv4 alone");
  for (guint i = 0; i < G_N_ELEMENTS (self->fillers); i++)
    {
      self->fillers[i] = socket (AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (self->fillers[i] >= 0)
        (void)!connect (self->fillers[i], (struct sockaddr *)&address, sizeof address);
    }
}

static void
fill_hole (Fixture *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->fillers); i++)
    if (self->fillers[i] >= 0)
      close (self->fillers[i]);
  if (self->hole >= 0)
    close (self->hole);
}

static void
start_dns (Fixture *self)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *server = NULL;

  g_ptr_array_add (records, g_strdup ("--mx-host=hole.test,both.test,10"));
  g_ptr_array_add (records, g_strdup ("--host-record=both.test,127.0.0.1,::1"));
  g_ptr_array_add (records, g_strdup ("--mx-host=null.test,.,0"));
  g_ptr_array_add (records, g_strdup ("--mx-host=alias.test,other-name.test,10"));
  g_ptr_array_add (records, g_strdup ("--cname=other-name.test,one.test"));
  g_ptr_array_add (records, g_strdup ("--host-record=one.test,127.0.0.2"));
  /* The first four are nobody: the fifth is the last that is tried, and the rest are as dead. */
  for (guint i = 1; i <= 50; i++)
    {
      g_ptr_array_add (records, g_strdup_printf ("--mx-host=fifty.test,mx%u.test,%u", i, i));
      g_ptr_array_add (records, g_strdup_printf (i == 5 ? "--host-record=mx%u.test,127.0.0.3" : "--host-record=mx%u.test,127.0.1.%u", i, i));
    }
  g_ptr_array_add (records, NULL);
  if (!dnsmasq_start (&self->dnsmasq, (const char *const *)records->pdata))
    return;

  server = g_strdup_printf ("127.0.0.1@%u", self->dnsmasq.port);
  self->resolver = ph_resolver_new (self->f.poller);
  g_assert_true (ph_resolver_set_server (self->resolver, server, NULL));
}

static void
set_up (Fixture      *self,
        gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (15);

  relay_fixture_set_up (&self->f, data);
  start_dns (self);
  ph_relay_set_resolver (self->f.relay, self->resolver);
  dig_hole (self, self->f.server->port);
  for (guint i = 0; i < SERVERS; i++)
    {
      g_autofree char *address = g_strdup_printf ("127.0.0.%u", i + 1);

      self->servers[i] = i == 0 ? self->f.server : script_server_new (address, self->f.server->port);
      script_server_offer (self->servers[i], "250-script\n250-PIPELINING\n250 STARTTLS");
      self->servers[i]->for_each = TRUE;
      for (guint j = 0; j < MESSAGES; j++)
        script_server_add (self->servers[i], g_rand_boolean (rand) ? "STARTTLS: 454 not now" : troubles[g_rand_int_range (rand, 0, G_N_ELEMENTS (troubles))]);
    }
}

static void
tear_down (Fixture      *self,
           gconstpointer data)
{
  fill_hole (self);
  relay_fixture_stop (&self->f);
  for (guint i = 1; i < SERVERS; i++)
    script_server_free (self->servers[i]);
  dnsmasq_stop (&self->dnsmasq);
  g_clear_object (&self->resolver);
  relay_fixture_start (&self->f); /* for its own tear-down */
  relay_fixture_tear_down (&self->f, data);
}

/* ids: of the queue → number + 1 */
static void
add_message (Fixture    *self,
             GHashTable *ids,
             guint       i)
{
  PhSmtpEnvelope  *envelope = ph_smtp_envelope_new ("alice@here.test");
  const char      *domain = self->resolver != NULL ? domains[i % G_N_ELEMENTS (domains)] : NULL;
  g_autofree char *address = domain != NULL ? g_strdup_printf ("user%u@%s", i, domain) : g_strdup_printf ("user%u@[127.0.0.%u]", i, i / 2 % SERVERS + 1);
  g_autofree char *text = g_strdup_printf ("Subject: n%u.\r\n\r\nbody\r\n", i);

  ph_smtp_envelope_add (envelope, address);
  g_hash_table_insert (ids, queue_envelope (&self->f, envelope, text), GUINT_TO_POINTER (i + 1));
}

/* What became of one message. */
typedef struct
{
  guint    n_copies;
  guint    n_known;      /* of these, those whose answer the sender has had for certain */
  gboolean known_before; /* such a one, and another after it */
  gboolean is_bad;
  gboolean is_queued;
} Fate;

static int
compare_dots (gconstpointer a,
              gconstpointer b)
{
  const ScriptDot *left = *(const ScriptDot *const *)a, *right = *(const ScriptDot *const *)b;

  return left->taken < right->taken ? -1 : left->taken > right->taken;
}

static void
collect_copies (Fixture *self,
                Fate    *fates)
{
  g_autoptr (GPtrArray) dots = g_ptr_array_new ();

  for (guint i = 0; i < SERVERS; i++)
    g_ptr_array_extend (dots, self->servers[i]->dots, NULL, NULL);
  g_ptr_array_sort (dots, compare_dots);
  for (guint i = 0; i < dots->len; i++)
    {
      const ScriptDot *dot = dots->pdata[i];
      const char      *subject = strstr (dot->text, "Subject: n");
      guint64          number;
      Fate            *fate;

      g_assert_nonnull (subject);
      number = g_ascii_strtoull (subject + strlen ("Subject: n"), NULL, 10);
      g_assert_cmpuint (number, <, MESSAGES);
      fate = &fates[number];
      fate->known_before |= fate->n_known > 0;
      fate->n_copies++;
      fate->n_known += dot->is_known;
    }
}

/* Each file is that of a message, which the sender was told the name of. */
static void
collect_files (const char *dir,
               GHashTable *ids,
               Fate       *fates,
               gsize       flag)
{
  g_autoptr (GDir) opened = g_dir_open (dir, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (opened)) != NULL)
    {
      g_autofree char *id = g_str_has_suffix (name, ".env") ? g_strndup (name, strlen (name) - strlen (".env")) : NULL;
      guint            number = id != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (ids, id)) : 0;

      if (id == NULL)
        continue;
      g_assert_cmpuint (number, >, 0);
      G_STRUCT_MEMBER (gboolean, &fates[number - 1], flag) = TRUE;
    }
}

static guint
count_files (const char *dir,
             const char *ending)
{
  g_autoptr (GDir) opened = g_dir_open (dir, 0, NULL);
  const char *name;
  guint       n = 0;

  while ((name = g_dir_read_name (opened)) != NULL)
    n += g_str_has_suffix (name, ending);

  return n;
}

static gboolean
is_quiet (RelayFixture *f)
{
  for (guint i = 0; i < count_queue (f); i++)
    {
      PhQueueState state = get_state (ph_relay_get_queue (f->relay), i);

      if (state == PH_QUEUE_TRYING || state == PH_QUEUE_DUE)
        return FALSE;
    }

  return TRUE;
}

#define STILL (G_USEC_PER_SEC / 10)

/* One step; whether nothing has moved for a while. */
static gboolean
is_still (gint64 *patience)
{
  if (g_main_context_iteration (NULL, FALSE))
    *patience = g_get_monotonic_time () + STILL;
  else
    g_usleep (200);
  if (g_get_monotonic_time () <= *patience)
    return FALSE;

  *patience = g_get_monotonic_time () + STILL;

  return TRUE;
}

/* Who does not move then waits for the clock: was left without an answer, or says goodbye slowly.  Only then are the rows looked
 * at, for that has their files read, which moves. */
static void
work (RelayFixture *f)
{
  gint64 patience = g_get_monotonic_time () + STILL;

  for (;;)
    if (is_still (&patience))
      {
        if (is_quiet (f))
          return;
        ph_clock_advance (f->clock, 60 * G_USEC_PER_SEC);
      }
}

/* As relay_fixture_stop(), with the clock turned: what a stopped relay still waits for, a server that says no more, ends by it. */
static void
restart (Fixture *self)
{
  RelayFixture *f = &self->f;
  PhRelay      *gone = f->relay;
  gint64        patience = g_get_monotonic_time () + STILL, end = g_get_monotonic_time () + PATIENCE;

  g_object_add_weak_pointer (G_OBJECT (gone), (gpointer *)&gone);
  ph_relay_stop (f->relay);
  g_clear_object (&f->relay);
  while (gone != NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (is_still (&patience))
        ph_clock_advance (f->clock, 60 * G_USEC_PER_SEC);
    }
  relay_fixture_start (f);
  ph_relay_set_resolver (f->relay, self->resolver);
  wait_for (count_queue (f) == count_files (f->relay_dir, ".env") && count_bad (f) == count_files (f->bad_dir, ".env"));
}

/* Each message has one end.  S26: a second copy only where the answer to the first is not known to have come, so at most one for
 * each dot without an answer. */
static void
check_fates (Fixture    *self,
             const Fate *fates)
{
  RelayFixture *f = &self->f;
  guint         n_delivered = 0, n_bad = 0, n_queued = 0, n_again = 0, n_failed = 0, n_null = 0;

  for (guint i = 0; i < MESSAGES; i++)
    {
      const Fate *fate = &fates[i];
      gboolean    is_null = self->resolver != NULL && g_strcmp0 (domains[i % G_N_ELEMENTS (domains)], "null.test") == 0;

      g_assert_false (fate->known_before);
      g_assert_false (fate->is_bad && fate->is_queued);
      if (fate->n_known > 0)
        g_assert_false (fate->is_bad || fate->is_queued);
      else if (!fate->is_bad && !fate->is_queued)
        g_assert_cmpuint (fate->n_copies, >, 0);
      if (is_null)
        g_assert_true (fate->is_bad && fate->n_copies == 0);
      n_bad += fate->is_bad;
      n_queued += fate->is_queued;
      n_null += is_null;
      n_delivered += !fate->is_bad && !fate->is_queued;
      n_again += fate->n_copies > 0 ? fate->n_copies - 1 : 0;
    }
  for (guint i = 0; i < f->intake->taken->len; i++)
    n_failed += strstr (get_taken (f, i), "Action: failed\r\n") != NULL;

  g_test_message ("%u delivered, %u bounced (%u by a null MX), %u queued; %u sent again", n_delivered, n_bad, n_null, n_queued, n_again);
  g_assert_cmpuint (n_delivered + n_bad + n_queued, ==, MESSAGES);
  g_assert_cmpuint (n_failed, ==, n_bad); /* beside notices of delay */
  g_assert_cmpuint (n_delivered, >, MESSAGES / 2);
  g_assert_cmpuint (n_bad, >, n_null);
}

static void
test_flaky (Fixture      *self,
            gconstpointer data)
{
  RelayFixture *f = &self->f;
  g_autoptr (GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree Fate *fates = g_new0 (Fate, MESSAGES);

  for (guint i = 0; i < MESSAGES; i++)
    add_message (self, ids, i);
  for (guint step = 0; step < 40 && count_queue (f) > 0; step++)
    {
      work (f);
      ph_clock_advance (f->clock, 40 * MINUTES);

      /* In the middle of whatever begins now. */
      if (step % 3 == 0)
        {
          for (guint i = 0; i < 20; i++)
            g_main_context_iteration (NULL, FALSE);
          restart (self);
        }
    }
  work (f);

  collect_copies (self, fates);
  collect_files (f->bad_dir, ids, fates, G_STRUCT_OFFSET (Fate, is_bad));
  collect_files (f->relay_dir, ids, fates, G_STRUCT_OFFSET (Fate, is_queued));
  check_fates (self, fates);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/relay/T15/flaky", Fixture, NULL, set_up, test_flaky, tear_down);

  return g_test_run ();
}
