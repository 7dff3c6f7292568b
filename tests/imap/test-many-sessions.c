#include "imap-fixture.h"

/* I42: sessions at random against a model of the mailboxes, as imaptest does (I01–I05,
 * I11, I15, I16).  A client believes what it is told and nothing else; after each command
 * its belief is compared with what the model says it must have been told.  The seed is
 * printed by GTest and can be given again with --seed. */

#define N_SESSIONS 4
#define N_BOXES 2
#define UNKNOWN 0xff

enum {
  SEEN = 1 << 0,
  ANSWERED = 1 << 1,
  FLAGGED = 1 << 2,
  DELETED = 1 << 3,
  DRAFT = 1 << 4,
  WORK = 1 << 5, /* a keyword */
};

static const char *const flag_names[] = { "\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "Work" };
static const char *const box_names[] = { "INBOX", "Other" };

/* In the model's mailbox, and as a client knows it (there uid 0: not told). */
typedef struct
{
  guint32 uid;
  guint   flags;
  guint   id; /* X-Id of the message */
} Mail;

typedef struct
{
  GArray *mails; /* of Mail */
  guint32 uidnext;
} Box;

typedef struct
{
  Talk    *talk;
  guint    box;
  gboolean selected;
  gboolean read_only;
  GArray  *view;    /* of guint32: the sequence map it must have */
  GArray  *told;    /* of Mail: what the client believes */
  gboolean numbers; /* the command that runs lets no EXPUNGE through (I01) */
} Client;

typedef struct
{
  Fixture *fixture;
  Box      boxes[N_BOXES];
  Client   clients[N_SESSIONS];
  guint    next_id;
  gboolean exact; /* one command at a time */
} World;

static Mail *
find_mail (Box    *box,
           guint32 uid)
{
  for (guint i = 0; i < box->mails->len; i++)
    if (g_array_index (box->mails, Mail, i).uid == uid)
      return &g_array_index (box->mails, Mail, i);

  return NULL;
}

static guint
random_flags (void)
{
  return (guint)g_test_rand_int_range (0, 64) & (guint)g_test_rand_int_range (0, 64);
}

static char *
format_flags (guint flags)
{
  GString *text = g_string_new ("(");

  for (guint i = 0; i < G_N_ELEMENTS (flag_names); i++)
    if ((flags & (1u << i)) != 0)
      g_string_append_printf (text, "%s%s", text->len > 1 ? " " : "", flag_names[i]);
  g_string_append_c (text, ')');

  return g_string_free (text, FALSE);
}

/* What the client hears */

static guint
parse_flags (const char *text)
{
  g_auto (GStrv) names = NULL;
  g_autofree char *inner = g_strndup (text, strcspn (text, ")"));
  guint            flags = 0;

  names = g_strsplit (inner, " ", -1);
  for (guint n = 0; names[n] != NULL; n++)
    {
      guint i = 0;

      if (*names[n] == '\0' || strcmp (names[n], "\\Recent") == 0)
        continue;
      while (i < G_N_ELEMENTS (flag_names) && g_ascii_strcasecmp (names[n], flag_names[i]) != 0)
        i++;
      g_assert_cmpuint (i, <, G_N_ELEMENTS (flag_names));
      flags |= 1u << i;
    }

  return flags;
}

static void
hear_fetch (Client     *client,
            guint       number,
            const char *text)
{
  Mail       *mail = &g_array_index (client->told, Mail, number - 1);
  const char *uid = strstr (text, "UID ");
  const char *flags = strstr (text, "FLAGS (");
  const char *id = strstr (text, "X-Id: ");

  if (uid != NULL)
    {
      guint32 value = (guint32)g_ascii_strtoull (uid + 4, NULL, 10);

      /* I02: a number never means another message. */
      g_assert_true (mail->uid == 0 || mail->uid == value);
      mail->uid = value;
    }
  if (flags != NULL)
    mail->flags = parse_flags (flags + 7);
  if (id != NULL)
    {
      guint value = (guint)g_ascii_strtoull (id + 6, NULL, 10);

      g_assert_true (mail->id == 0 || mail->id == value);
      mail->id = value;
    }
}

static void
hear_line (Client     *client,
           const char *line)
{
  char *rest;
  guint number;

  if (!g_str_has_prefix (line, "* ") || !g_ascii_isdigit (line[2]))
    return;

  number = (guint)g_ascii_strtoull (line + 2, &rest, 10);
  if (g_str_has_prefix (rest, " EXISTS"))
    {
      const Mail unknown = { 0, UNKNOWN, 0 };

      g_assert_cmpuint (number, >=, client->told->len);
      while (client->told->len < number)
        g_array_append_val (client->told, unknown);
    }
  else if (g_str_has_prefix (rest, " EXPUNGE"))
    {
      g_assert_false (client->numbers);
      g_assert_cmpuint (number, >=, 1);
      g_assert_cmpuint (number, <=, client->told->len);
      g_array_remove_index (client->told, number - 1);
    }
  else if (g_str_has_prefix (rest, " RECENT"))
    {
      g_assert_cmpuint (number, <=, client->told->len);
    }
  else
    {
      g_assert_true (g_str_has_prefix (rest, " FETCH ("));
      g_assert_cmpuint (number, >=, 1);
      g_assert_cmpuint (number, <=, client->told->len);
      hear_fetch (client, number, rest);
    }
}

/* Literals stand in their lines: "}" CRLF does not end one. */
static void
hear (Client     *client,
      const char *text)
{
  const char *start = text;

  for (const char *c = text; *c != '\0'; c++)
    {
      if (*c != '\n' || (c - text >= 2 && c[-2] == '}'))
        continue;
      if (c - text >= 1 && c[1] != '*' && c[1] != '+' && c[1] != 't' && c[1] != '\0')
        continue;

      {
        g_autofree char *line = g_strndup (start, (gsize)(c - start));

        hear_line (client, line);
      }
      start = c + 1;
    }
}

/* What the model says */

/* After each command: new mail is always told, removed mail unless it may not be. */
static void
update_view (World  *world,
             Client *client)
{
  Box    *box = &world->boxes[client->box];
  guint32 last = 0;

  if (client->view->len > 0)
    last = g_array_index (client->view, guint32, client->view->len - 1);
  for (guint i = 0; !client->numbers && i < client->view->len;)
    if (find_mail (box, g_array_index (client->view, guint32, i)) == NULL)
      g_array_remove_index (client->view, i);
    else
      i++;
  for (guint i = 0; i < box->mails->len; i++)
    if (g_array_index (box->mails, Mail, i).uid > last)
      g_array_append_val (client->view, g_array_index (box->mails, Mail, i).uid);
}

static void
compare (World  *world,
         Client *client)
{
  Box *box = &world->boxes[client->box];

  if (!client->selected)
    return;

  if (client->told->len != client->view->len)
    {
      g_autofree char *reply = talk_say (client->talk, "UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (X-Id)])");

      for (guint i = 0; i < box->mails->len; i++)
        g_test_message ("model: %u is %u", g_array_index (box->mails, Mail, i).uid, g_array_index (box->mails, Mail, i).id);
      g_error ("Told %u, expected %u: %s", client->told->len, client->view->len, reply);
    }
  for (guint i = 0; i < client->told->len; i++)
    {
      const Mail *told = &g_array_index (client->told, Mail, i);
      guint32     uid = g_array_index (client->view, guint32, i);
      const Mail *mail = find_mail (box, uid);

      g_assert_true (told->uid == 0 || told->uid == uid);
      if (mail == NULL)
        continue;
      if (told->flags != UNKNOWN)
        g_assert_cmphex (told->flags, ==, mail->flags);
      if (told->id != 0)
        g_assert_cmpuint (told->id, ==, mail->id);
    }
}

/* Says a command in the exact world and checks what it told. */
static char *
say (World      *world,
     Client     *client,
     const char *command,
     gboolean    numbers)
{
  char *reply;

  client->numbers = numbers;
  g_test_message ("%u: %s", (guint)(client - world->clients), command);
  reply = talk_say (client->talk, command);
  if (client->selected)
    hear (client, reply);

  return reply;
}

static void
done (World  *world,
      Client *client)
{
  if (!client->selected)
    return;
  update_view (world, client);
  compare (world, client);
}

static void
leave (Client *client)
{
  client->selected = FALSE;
  g_array_set_size (client->view, 0);
  g_array_set_size (client->told, 0);
}

static void
enter_box (World   *world,
           Client  *client,
           guint    box,
           gboolean read_only)
{
  g_autofree char *reply = NULL;
  g_autofree char *command = NULL;

  leave (client);
  client->box = box;
  client->read_only = read_only;
  client->selected = TRUE;
  command = g_strdup_printf ("%s %s", client->read_only ? "EXAMINE" : "SELECT", box_names[client->box]);
  reply = say (world, client, command, FALSE);
  g_assert_nonnull (strstr (reply, "\r\nt OK [READ-"));
  if (world->exact)
    done (world, client);
}

static void
enter (World  *world,
       Client *client)
{
  guint box = (guint)g_test_rand_int_range (0, N_BOXES);

  enter_box (world, client, box, g_test_rand_int_range (0, 6) == 0);
}

/* Acts */

static void
act_noop (World  *world,
          Client *client)
{
  static const char *const commands[] = { "NOOP", "CHECK", "STATUS Other (MESSAGES)", "STATUS INBOX (UNSEEN)", "LIST \"\" *" };
  g_autofree char         *reply = say (world, client, commands[g_test_rand_int_range (0, G_N_ELEMENTS (commands))], FALSE);

  g_assert_nonnull (strstr (reply, "t OK"));
  done (world, client);
}

static void
act_idle (World  *world,
          Client *client)
{
  g_autofree char *reply = say (world, client, "IDLE\r\nDONE", FALSE);

  g_assert_nonnull (strstr (reply, "t OK"));
  done (world, client);
}

/* A set of numbers or UIDs; `uids` receives what it means. */
static char *
random_set (Client  *client,
            gboolean by_uid,
            GArray  *uids)
{
  guint n = client->view->len;
  guint first = (guint)g_test_rand_int_range (0, (gint32)n);
  guint more = (guint)g_test_rand_int_range (0, 4);
  guint last = MIN (n - 1, first + more);

  for (guint i = first; i <= last; i++)
    g_array_append_val (uids, g_array_index (client->view, guint32, i));
  if (by_uid)
    return g_strdup_printf ("%u:%u", g_array_index (client->view, guint32, last), g_array_index (client->view, guint32, first));

  return g_strdup_printf ("%u:%u", first + 1, last + 1);
}

/* I02: gone messages may end a command by number with NO. */
static void
check_end (const char *reply,
           gboolean    by_uid)
{
  if (strstr (reply, "t OK") == NULL && (by_uid || strstr (reply, "t NO [EXPUNGEISSUED]") == NULL))
    g_error ("Unexpected end: %s", reply);
}

static void
act_fetch (World  *world,
           Client *client)
{
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  gboolean         by_uid = g_test_rand_int_range (0, 2) == 0;
  gboolean         body = g_test_rand_int_range (0, 3) == 0;
  g_autofree char *set = random_set (client, by_uid, uids);
  g_autofree char *command = g_strdup_printf ("%sFETCH %s (UID %s)", by_uid ? "UID " : "", set,
                                              body ? "BODY[HEADER.FIELDS (X-Id)]" : "FLAGS BODY.PEEK[HEADER.FIELDS (X-Id)]");
  g_autofree char *reply = NULL;

  for (guint i = 0; body && !client->read_only && i < uids->len; i++)
    {
      Mail *mail = find_mail (&world->boxes[client->box], g_array_index (uids, guint32, i));

      if (mail != NULL)
        mail->flags |= SEEN;
    }
  reply = say (world, client, command, !by_uid);
  check_end (reply, by_uid);
  done (world, client);
}

static guint
apply_flags (guint old,
             char  sign,
             guint flags)
{
  if (sign == '+')
    return old | flags;

  return sign == '-' ? old & ~flags : flags;
}

static void
act_store (World  *world,
           Client *client)
{
  static const char signs[] = "+- ";
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  gboolean         by_uid = g_test_rand_int_range (0, 2) == 0;
  gboolean         silent = g_test_rand_int_range (0, 2) == 0;
  char             sign = signs[g_test_rand_int_range (0, 3)];
  guint            flags = random_flags ();
  g_autofree char *set = random_set (client, by_uid, uids);
  g_autofree char *names = format_flags (flags);
  g_autofree char *command = g_strdup_printf ("%sSTORE %s %cFLAGS%s %s", by_uid ? "UID " : "", set, sign == ' ' ? 'x' : sign,
                                              silent ? ".SILENT" : "", names);
  g_autofree char *reply = NULL;

  if (sign == ' ')
    {
      char *x = strstr (command, "xFLAGS");

      memmove (x, x + 1, strlen (x));
    }
  for (guint i = 0; i < uids->len; i++)
    {
      Mail *mail = find_mail (&world->boxes[client->box], g_array_index (uids, guint32, i));

      if (!client->read_only && mail != NULL)
        mail->flags = apply_flags (mail->flags, sign, flags);
      for (guint n = 0; silent && !client->read_only && n < client->told->len; n++)
        {
          Mail *told = &g_array_index (client->told, Mail, n);

          /* What the client expects of its own silent change (I04). */
          if (g_array_index (client->view, guint32, n) == g_array_index (uids, guint32, i) && told->flags != UNKNOWN)
            told->flags = apply_flags (told->flags, sign, flags);
        }
    }

  reply = say (world, client, command, !by_uid);
  if (client->read_only)
    g_assert_nonnull (strstr (reply, "t NO [READ-ONLY]"));
  else
    check_end (reply, by_uid);
  done (world, client);
}

static void
act_search (World  *world,
            Client *client)
{
  gboolean         by_uid = g_test_rand_int_range (0, 2) == 0;
  g_autofree char *reply = say (world, client, by_uid ? "UID SEARCH FLAGGED" : "SEARCH FLAGGED", !by_uid);
  g_autoptr (GString) expected = g_string_new ("* SEARCH");

  for (guint i = 0; i < client->view->len; i++)
    {
      guint32     uid = g_array_index (client->view, guint32, i);
      const Mail *mail = find_mail (&world->boxes[client->box], uid);

      if (mail != NULL && (mail->flags & FLAGGED) != 0)
        g_string_append_printf (expected, " %u", by_uid ? uid : i + 1);
    }
  g_string_append (expected, "\r\n");
  g_assert_nonnull (strstr (reply, expected->str));
  done (world, client);
}

/* Removes \Deleted mail that the session knows of, between two UIDs. */
static void
remove_deleted (World  *world,
                Client *client,
                guint32 first,
                guint32 last)
{
  Box *box = &world->boxes[client->box];

  for (guint i = 0; i < client->view->len; i++)
    {
      guint32 uid = g_array_index (client->view, guint32, i);
      Mail   *mail = uid >= first && uid <= last ? find_mail (box, uid) : NULL;

      if (mail != NULL && (mail->flags & DELETED) != 0)
        g_array_remove_index (box->mails, (guint)(mail - (Mail *)(gpointer)box->mails->data));
    }
}

static void
act_expunge (World  *world,
             Client *client)
{
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  gboolean         by_uid = g_test_rand_int_range (0, 2) == 0;
  g_autofree char *set = random_set (client, TRUE, uids);
  g_autofree char *command = by_uid ? g_strdup_printf ("UID EXPUNGE %s", set) : g_strdup ("EXPUNGE");
  g_autofree char *reply = NULL;

  if (!client->read_only)
    remove_deleted (world, client, by_uid ? g_array_index (uids, guint32, 0) : 1,
                    by_uid ? g_array_index (uids, guint32, uids->len - 1) : G_MAXUINT32);
  reply = say (world, client, command, FALSE);
  g_assert_nonnull (strstr (reply, client->read_only ? "t NO [READ-ONLY]" : "t OK"));
  done (world, client);
}

static void
add_mail (Box        *box,
          const Mail *from)
{
  Mail mail = *from;

  mail.uid = box->uidnext++;
  g_array_append_val (box->mails, mail);
}

static void
act_append (World  *world,
            Client *client)
{
  guint            target = (guint)g_test_rand_int_range (0, N_BOXES);
  Mail             mail = { 0, random_flags (), world->next_id++ };
  g_autofree char *flags = format_flags (mail.flags);
  g_autofree char *message = g_strdup_printf ("X-Id: %u\r\n\r\nhello\r\n", mail.id);
  g_autofree char *command = g_strdup_printf ("APPEND %s %s {%zu+}\r\n%s", box_names[target], flags, strlen (message), message);
  g_autofree char *reply = NULL;
  const char      *code;
  guint            validity;
  guint32          uid;

  add_mail (&world->boxes[target], &mail);
  reply = say (world, client, command, FALSE);
  code = strstr (reply, "t OK [APPENDUID ");
  g_assert_nonnull (code);
  g_assert_cmpint (sscanf (code, "t OK [APPENDUID %u %u]", &validity, &uid), ==, 2);
  if (world->exact)
    g_assert_cmpuint (uid, ==, world->boxes[target].uidnext - 1);
  done (world, client);
}

static void
act_copy (World  *world,
          Client *client)
{
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  gboolean         by_uid = g_test_rand_int_range (0, 2) == 0;
  gboolean         move = g_test_rand_int_range (0, 2) == 0;
  guint            target = (guint)g_test_rand_int_range (0, N_BOXES);
  Box             *box = &world->boxes[client->box];
  g_autofree char *set = random_set (client, by_uid, uids);
  g_autofree char *command = g_strdup_printf ("%s%s %s %s", by_uid ? "UID " : "", move ? "MOVE" : "COPY", set, box_names[target]);
  g_autofree char *reply = NULL;

  for (guint i = 0; !(move && client->read_only) && i < uids->len; i++)
    {
      const Mail *mail = find_mail (box, g_array_index (uids, guint32, i));

      if (mail != NULL)
        add_mail (&world->boxes[target], mail);
      /* The array may have moved. */
      mail = find_mail (box, g_array_index (uids, guint32, i));
      if (mail != NULL && move)
        g_array_remove_index (box->mails, (guint)(mail - (Mail *)(gpointer)box->mails->data));
    }

  reply = say (world, client, command, FALSE);
  if (move && client->read_only)
    g_assert_nonnull (strstr (reply, "t NO [READ-ONLY]"));
  else
    check_end (reply, by_uid);
  done (world, client);
}

static void
act_leave (World  *world,
           Client *client)
{
  gboolean         close = g_test_rand_int_range (0, 2) == 0;
  g_autofree char *reply = NULL;

  if (close && !client->read_only)
    remove_deleted (world, client, 1, G_MAXUINT32);
  leave (client);
  reply = say (world, client, close ? "CLOSE" : "UNSELECT", FALSE);
  g_assert_nonnull (strstr (reply, "t OK"));
  enter (world, client);
}

static void
act (World  *world,
     Client *client)
{
  static void (*const acts[]) (World *, Client *) = {
    act_noop, act_idle, act_append, act_append, act_leave,
    /* These need a message. */
    act_fetch, act_fetch, act_store, act_store, act_search, act_expunge, act_copy
  };

  acts[g_test_rand_int_range (0, client->view->len > 0 ? G_N_ELEMENTS (acts) : 5)](world, client);
}

static void
world_init (World   *world,
            Fixture *fixture,
            gboolean exact)
{
  *world = (World){ .fixture = fixture, .next_id = 1, .exact = exact };
  for (guint i = 0; i < N_BOXES; i++)
    world->boxes[i] = (Box){ g_array_new (FALSE, FALSE, sizeof (Mail)), 1 };

  for (guint i = 0; i < N_SESSIONS; i++)
    {
      Client *client = &world->clients[i];

      client->talk = talk_new_bob (fixture);
      client->view = g_array_new (FALSE, FALSE, sizeof (guint32));
      client->told = g_array_new (FALSE, FALSE, sizeof (Mail));
      if (i == 0)
        talk_expect_prefix (client->talk, "CREATE Other", "t OK");
      enter (world, client);
    }
}

static void
world_clear (World *world)
{
  for (guint i = 0; i < N_BOXES; i++)
    g_array_unref (world->boxes[i].mails);
  for (guint i = 0; i < N_SESSIONS; i++)
    {
      talk_free (world->clients[i].talk);
      g_array_unref (world->clients[i].view);
      g_array_unref (world->clients[i].told);
    }
}

/* One command at a time, each session as far behind as it comes. */
static void
test_exact (Fixture      *fixture,
            gconstpointer data)
{
  World world;
  guint n = g_test_slow () ? 20000 : 400;

  world_init (&world, fixture, TRUE);
  for (guint i = 0; i < n; i++)
    act (&world, &world.clients[g_test_rand_int_range (0, N_SESSIONS)]);
  world_clear (&world);
}

/* At once: what is committed first is anybody's guess, but each client's story must hold
 * together, and all must agree in the end. */

static char *
random_command (Client *client,
                guint  *next_id)
{
  static const char *const commands[] = {
    "NOOP", "EXPUNGE", "FETCH 1:* (UID FLAGS)", "STORE 1 +FLAGS (\\Deleted)", "STORE * FLAGS (\\Flagged Work)",
    "UID STORE 1:* -FLAGS (\\Seen)", "COPY 1:2 Other", "UID MOVE 1:5 INBOX", "SEARCH UNSEEN", "UID FETCH 1:* (FLAGS BODY[HEADER.FIELDS (X-Id)])",
    "FETCH * (UID BODY[HEADER.FIELDS (X-Id)])", "MOVE * Other"
  };
  guint            i = (guint)g_test_rand_int_range (0, G_N_ELEMENTS (commands) + 3);
  g_autofree char *message = NULL;

  if (i < G_N_ELEMENTS (commands))
    {
      client->numbers = strncmp (commands[i], "FETCH", 5) == 0 || strncmp (commands[i], "STORE", 5) == 0 || strncmp (commands[i], "SEARCH", 6) == 0;
      return g_strdup (commands[i]);
    }

  client->numbers = FALSE;
  message = g_strdup_printf ("X-Id: %u\r\n\r\nhi\r\n", (*next_id)++);

  return g_strdup_printf ("APPEND %s {%zu+}\r\n%s", box_names[i % N_BOXES], strlen (message), message);
}

static void
say_all (World             *world,
         const char *const *commands)
{
  for (guint i = 0; i < N_SESSIONS; i++)
    {
      Client *client = &world->clients[i];

      g_test_message ("%u: %s", i, commands[i]);
      g_string_append_printf (client->talk->input, "t0x%u %s\r\n", i, commands[i]);
      talk_pump (client->talk);
    }
  for (guint i = 0; i < N_SESSIONS; i++)
    {
      Client          *client = &world->clients[i];
      g_autofree char *reply = NULL;

      talk_wait (client->talk, "t0x");
      reply = talk_steal_output (client->talk);
      hear (client, reply);
    }
}

/* When nobody is behind any more: each client's story holds, and all tell the same. */
static void
check_agreement (World *world)
{
  static const char *const noops[] = { "NOOP", "NOOP", "NOOP", "NOOP" };

  for (guint c = 0; c < N_SESSIONS; c++)
    world->clients[c].numbers = FALSE;
  say_all (world, noops);

  for (guint c = 0; c < N_SESSIONS; c++)
    {
      Client *client = &world->clients[c];
      g_autoptr (GArray) before = g_array_copy (client->told);
      G_GNUC_UNUSED g_autofree char *reply = say (world, client, "UID FETCH 1:* (FLAGS)", FALSE);

      for (guint i = 0; i < before->len; i++)
        {
          const Mail *was = &g_array_index (before, Mail, i);
          const Mail *is = &g_array_index (client->told, Mail, i);

          g_assert_true (was->flags == UNKNOWN || was->flags == is->flags);
          g_assert_cmpuint (is->uid, !=, 0);
        }
      for (guint o = 0; o < c; o++)
        {
          const Client *other = &world->clients[o];

          if (other->box != client->box)
            continue;
          g_assert_cmpuint (other->told->len, ==, client->told->len);
          for (guint i = 0; i < other->told->len; i++)
            {
              const Mail *one = &g_array_index (other->told, Mail, i);
              const Mail *two = &g_array_index (client->told, Mail, i);

              g_assert_cmpuint (one->uid, ==, two->uid);
              g_assert_cmphex (one->flags, ==, two->flags);
              g_assert_true (one->id == 0 || two->id == 0 || one->id == two->id);
            }
        }
    }
}

static void
test_at_once (Fixture      *fixture,
              gconstpointer data)
{
  World world;
  guint n = g_test_slow () ? 2000 : 20;

  world_init (&world, fixture, FALSE);
  for (guint round = 0; round < n; round++)
    {
      for (guint i = 0; i < 5; i++)
        {
          char *commands[N_SESSIONS];

          for (guint c = 0; c < N_SESSIONS; c++)
            commands[c] = random_command (&world.clients[c], &world.next_id);
          say_all (&world, (const char *const *)commands);
          for (guint c = 0; c < N_SESSIONS; c++)
            g_free (commands[c]);
        }
      check_agreement (&world);
    }
  world_clear (&world);
}

static gboolean
keeps_numbers (const char *command)
{
  return g_str_has_prefix (command, "FETCH") || g_str_has_prefix (command, "STORE") || g_str_has_prefix (command, "SEARCH");
}

/* Each command that changes something against each, in two sessions on one mailbox, while a
 * third only looks and a fourth is elsewhere. */
static void
test_pairs (Fixture      *fixture,
            gconstpointer data)
{
  static const char *const commands[] = {
    "STORE 1:2 +FLAGS (\\Deleted)",
    "UID STORE 1:* FLAGS (\\Flagged Work)",
    "FETCH 1:* (UID BODY[HEADER.FIELDS (X-Id)])",
    "EXPUNGE",
    "UID EXPUNGE 1:*",
    "MOVE 1 Other",
    "UID MOVE 1:* Other",
    "COPY 1 INBOX",
    "APPEND INBOX {3+}\r\nx\r\n",
    "CLOSE",
  };
  World world;

  world_init (&world, fixture, FALSE);
  for (guint c = 0; c < N_SESSIONS; c++)
    enter_box (&world, &world.clients[c], c == 3 ? 1 : 0, FALSE);

  for (guint a = 0; a < G_N_ELEMENTS (commands); a++)
    for (guint b = 0; b < G_N_ELEMENTS (commands) - 1; b++)
      {
        const char *const both[] = { commands[b], commands[a], "FETCH 1:2 (UID FLAGS)", "UID FETCH 1:* FLAGS" };

        for (guint i = world.clients[0].told->len; i < 4; i++)
          fixture_deliver (fixture, "X-Id: 1\r\n\r\nx");
        check_agreement (&world);
        g_free (say (&world, &world.clients[0], "STORE 2:3 +FLAGS (\\Deleted)", TRUE));

        for (guint c = 0; c < N_SESSIONS; c++)
          world.clients[c].numbers = keeps_numbers (both[c]);
        if (a + 1 == G_N_ELEMENTS (commands))
          {
            /* CLOSE: that client begins anew. */
            g_free (talk_say (world.clients[1].talk, "CLOSE"));
            g_free (say (&world, &world.clients[0], both[0], world.clients[0].numbers));
            enter_box (&world, &world.clients[1], 0, FALSE);
          }
        else
          {
            say_all (&world, both);
          }
        check_agreement (&world);
      }
  world_clear (&world);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/imap/many-sessions/exact", Fixture, NULL, fixture_set_up, test_exact, fixture_tear_down);
  g_test_add ("/imap/many-sessions/pairs", Fixture, NULL, fixture_set_up, test_pairs, fixture_tear_down);
  g_test_add ("/imap/many-sessions/at-once", Fixture, NULL, fixture_set_up, test_at_once, fixture_tear_down);

  return g_test_run ();
}
