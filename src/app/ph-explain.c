#include "ph-explain.h"

#include "ph-explain-code.h"
#include "ph-journal-session.h"

#include <glib/gi18n.h>
#include <string.h>

/* The longest word that is looked for. */
#define WORD_MAX 16

typedef struct
{
  const char *word;    /* in capitals */
  const char *meaning; /* a sentence for people */
  const char *source;
} PhExplanation;

static const PhExplanation smtp_commands[] = {
  { "EHLO", N_ ("The client names itself and asks what the server can do."), "RFC 5321, 4.1.1.1" },
  { "HELO", N_ ("The client names itself, in the old way: it can’t use any extension."), "RFC 5321, 4.1.1.1" },
  { "LHLO", N_ ("The client names itself; in LMTP each recipient has an answer of its own."), "RFC 2033, 4.1" },
  { "MAIL", N_ ("Begins a message and says to whom reports about it go: the envelope’s sender."), "RFC 5321, 4.1.1.2" },
  { "RCPT", N_ ("Names one recipient; each is accepted or refused for itself."), "RFC 5321, 4.1.1.3" },
  { "DATA", N_ ("Asks to send the message; it ends with a dot on a line of its own."), "RFC 5321, 4.1.1.4" },
  { "BDAT", N_ ("Sends a piece of the message, its size said in advance."), "RFC 3030, 2" },
  { "RSET", N_ ("Forgets the message that was begun; the connection stays."), "RFC 5321, 4.1.1.5" },
  { "VRFY", N_ ("Asks whether there is such a mailbox. Most servers don’t tell, because senders of junk ask too."), "RFC 5321, 4.1.1.6" },
  { "EXPN", N_ ("Asks who is on a list. Most servers don’t tell."), "RFC 5321, 4.1.1.7" },
  { "HELP", N_ ("Asks for help."), "RFC 5321, 4.1.1.8" },
  { "NOOP", N_ ("Does nothing; shows that the connection still works."), "RFC 5321, 4.1.1.9" },
  { "QUIT", N_ ("Ends the session in good order."), "RFC 5321, 4.1.1.10" },
  { "STARTTLS", N_ ("Asks to go on with TLS: what follows is encrypted, and what was said before is forgotten."), "RFC 3207, 4" },
  { "AUTH", N_ ("Logs in. Secrets are not kept in this log."), "RFC 4954, 4" },
};

static const PhExplanation smtp_replies[] = {
  { "211", N_ ("The state of the server, or help."), "RFC 5321, 4.2.3" },
  { "214", N_ ("Help."), "RFC 5321, 4.2.3" },
  { "220", N_ ("The server is ready: its greeting, or its yes to STARTTLS."), "RFC 5321, 4.2.3" },
  { "221", N_ ("The server closes the connection, as was asked."), "RFC 5321, 4.2.3" },
  { "235", N_ ("Logged in."), "RFC 4954, 6" },
  { "250", N_ ("Done. After the end of a message: the server has it safe and is responsible for it from here on."), "RFC 5321, 4.2.3" },
  { "251", N_ ("The recipient is elsewhere; the server passes the message on."), "RFC 5321, 4.2.3" },
  { "252", N_ ("The server does not tell whether there is such a mailbox, but would take a message for it."), "RFC 5321, 4.2.3" },
  { "334", N_ ("The server waits for the next step of the login."), "RFC 4954, 4" },
  { "354", N_ ("The message may come now."), "RFC 5321, 4.2.3" },
  { "421", N_ ("The server closes the connection: it is stopping, too busy, or has waited too long. Try again later."), "RFC 5321, 4.2.3" },
  { "432", N_ ("The password has to be changed first."), "RFC 4954, 6" },
  { "450", N_ ("Not now: the mailbox is busy, or the server wants to see another try. The sender keeps the message and tries again."), "RFC 5321, 4.2.3" },
  { "451", N_ ("Not now: something went wrong at the server. The sender keeps the message and tries again."), "RFC 5321, 4.2.3" },
  { "452", N_ ("Not now: there is no room, or there are too many recipients at once. The sender tries again."), "RFC 5321, 4.2.3" },
  { "454", N_ ("Not now: TLS, or the login, does not work at the moment."), "RFC 3207, 4; RFC 4954, 6" },
  { "455", N_ ("The server can’t do what a parameter asks for at the moment."), "RFC 5321, 4.2.3" },
  { "500", N_ ("The server does not know that command, or the line was too long."), "RFC 5321, 4.2.3" },
  { "501", N_ ("The command is known, but what follows it is not understood."), "RFC 5321, 4.2.3" },
  { "502", N_ ("The server knows the command, but does not offer it."), "RFC 5321, 4.2.4" },
  { "503", N_ ("The commands come in the wrong order."), "RFC 5321, 4.2.3" },
  { "504", N_ ("The server does not know that parameter."), "RFC 5321, 4.2.3" },
  { "525", N_ ("The name and the password are right, but the account may not be used for this."), "RFC 5248, 2.4" },
  { "530", N_ ("Something must come first: a login, or TLS."), "RFC 4954, 6; RFC 3207, 4" },
  { "535", N_ ("The name or the password is wrong."), "RFC 4954, 6" },
  { "538", N_ ("This way to log in needs TLS."), "RFC 4954, 6" },
  { "550", N_ ("No, for good: there is no such mailbox, or the server does not want this message. It goes back to its sender."), "RFC 5321, 4.2.3" },
  { "551", N_ ("The recipient is not here, and the server does not pass the message on."), "RFC 5321, 4.2.3" },
  { "552", N_ ("Too large, or the mailbox is full, for good."), "RFC 5321, 4.2.3" },
  { "553", N_ ("That is no address that the server takes."), "RFC 5321, 4.2.3" },
  { "554", N_ ("No, for good: the message, or the whole connection, is refused."), "RFC 5321, 4.2.3" },
  { "555", N_ ("The server does not know a parameter of MAIL or RCPT."), "RFC 5321, 4.2.3" },
};

static const PhExplanation pop3_commands[] = {
  { "CAPA", N_ ("Asks what the server can do."), "RFC 2449, 5" },
  { "STLS", N_ ("Asks to go on with TLS: what follows is encrypted."), "RFC 2595, 4" },
  { "USER", N_ ("The first half of a login: the name."), "RFC 1939, 7" },
  { "PASS", N_ ("The second half of a login. Secrets are not kept in this log."), "RFC 1939, 7" },
  { "APOP", N_ ("Logs in with a digest of the password."), "RFC 1939, 7" },
  { "AUTH", N_ ("Logs in. Secrets are not kept in this log."), "RFC 5034, 4" },
  { "STAT", N_ ("Asks how many messages there are, and how large they are together."), "RFC 1939, 5" },
  { "LIST", N_ ("Asks for the size of each message."), "RFC 1939, 5" },
  { "UIDL", N_ ("Asks for the lasting name of each message, so that none is fetched twice."), "RFC 1939, 7" },
  { "RETR", N_ ("Fetches a message."), "RFC 1939, 5" },
  { "TOP", N_ ("Fetches the head of a message and some lines of its body."), "RFC 1939, 7" },
  { "DELE", N_ ("Marks a message to be deleted at QUIT, not before."), "RFC 1939, 5" },
  { "RSET", N_ ("Takes back all marks for deletion."), "RFC 1939, 5" },
  { "NOOP", N_ ("Does nothing; shows that the connection still works."), "RFC 1939, 5" },
  { "QUIT", N_ ("Ends the session; what is marked is deleted now."), "RFC 1939, 6" },
};

static const PhExplanation pop3_replies[] = {
  { "+OK", N_ ("Done."), "RFC 1939, 3" },
  { "-ERR", N_ ("No; the words after it say why."), "RFC 1939, 3" },
  { "+", N_ ("The server waits for the next step of the login."), "RFC 5034, 4" },
};

static const PhExplanation imap_commands[] = {
  { "CAPABILITY", N_ ("Asks what the server can do."), "RFC 9051, 6.1.1" },
  { "NOOP", N_ ("Does nothing, but lets the server tell what is new."), "RFC 9051, 6.1.2" },
  { "LOGOUT", N_ ("Ends the session in good order."), "RFC 9051, 6.1.3" },
  { "ID", N_ ("The client says which program it is."), "RFC 2971, 3.1" },
  { "STARTTLS", N_ ("Asks to go on with TLS: what follows is encrypted."), "RFC 9051, 6.2.1" },
  { "AUTHENTICATE", N_ ("Logs in. Secrets are not kept in this log."), "RFC 9051, 6.2.2" },
  { "LOGIN", N_ ("Logs in with name and password. Secrets are not kept in this log."), "RFC 9051, 6.2.3" },
  { "ENABLE", N_ ("Switches on what the client understands of the server’s extensions."), "RFC 9051, 6.3.1" },
  { "SELECT", N_ ("Opens a folder, to read and change it."), "RFC 9051, 6.3.2" },
  { "EXAMINE", N_ ("Opens a folder only to read it."), "RFC 9051, 6.3.3" },
  { "CREATE", N_ ("Makes a folder."), "RFC 9051, 6.3.4" },
  { "DELETE", N_ ("Deletes a folder with all that is in it."), "RFC 9051, 6.3.5" },
  { "RENAME", N_ ("Gives a folder another name."), "RFC 9051, 6.3.6" },
  { "SUBSCRIBE", N_ ("Puts a folder on the list of those that clients show."), "RFC 9051, 6.3.7" },
  { "UNSUBSCRIBE", N_ ("Takes a folder off the list of those that clients show."), "RFC 9051, 6.3.8" },
  { "LIST", N_ ("Asks which folders there are."), "RFC 9051, 6.3.9" },
  { "LSUB", N_ ("Asks which folders clients show."), "RFC 3501, 6.3.9" },
  { "NAMESPACE", N_ ("Asks where folders of one’s own and of others are."), "RFC 9051, 6.3.10" },
  { "STATUS", N_ ("Asks for counts of a folder without opening it."), "RFC 9051, 6.3.11" },
  { "APPEND", N_ ("Puts a message into a folder, most times a copy of what was sent."), "RFC 9051, 6.3.12" },
  { "IDLE", N_ ("The client waits, and is told at once of what is new."), "RFC 9051, 6.3.13" },
  { "DONE", N_ ("The client has waited enough."), "RFC 9051, 6.3.13" },
  { "CLOSE", N_ ("Closes the folder; what is marked as deleted goes for good."), "RFC 9051, 6.4.1" },
  { "UNSELECT", N_ ("Closes the folder; nothing is deleted."), "RFC 9051, 6.4.2" },
  { "EXPUNGE", N_ ("Removes for good what is marked as deleted."), "RFC 9051, 6.4.3" },
  { "SEARCH", N_ ("Asks which messages match."), "RFC 9051, 6.4.4" },
  { "SORT", N_ ("Asks for messages in an order."), "RFC 5256, 3" },
  { "THREAD", N_ ("Asks which messages answer which."), "RFC 5256, 3" },
  { "FETCH", N_ ("Asks for messages, or parts of them."), "RFC 9051, 6.4.5" },
  { "STORE", N_ ("Sets or takes away flags, such as read."), "RFC 9051, 6.4.6" },
  { "COPY", N_ ("Copies messages into another folder."), "RFC 9051, 6.4.7" },
  { "MOVE", N_ ("Moves messages into another folder."), "RFC 9051, 6.4.8" },
};

static const PhExplanation imap_replies[] = {
  { "OK", N_ ("Done."), "RFC 9051, 7.1.1" },
  { "NO", N_ ("The command is right, but could not be carried out; the words after it say why."), "RFC 9051, 7.1.2" },
  { "BAD", N_ ("The command is not understood: most times a mistake of the client."), "RFC 9051, 7.1.3" },
  { "PREAUTH", N_ ("The client is logged in already."), "RFC 9051, 7.1.4" },
  { "BYE", N_ ("The server is about to close the connection."), "RFC 9051, 7.1.5" },
  { "CAPABILITY", N_ ("What the server can do, at this moment of the session."), "RFC 9051, 7.2.2" },
  { "FLAGS", N_ ("Flags that messages of this folder can have."), "RFC 9051, 7.3.5" },
  { "EXISTS", N_ ("How many messages the folder has now."), "RFC 9051, 7.4.1" },
  { "EXPUNGE", N_ ("A message has gone; those after it have moved up by one."), "RFC 9051, 7.5.1" },
  { "FETCH", N_ ("What was asked for of a message, or flags of it that changed."), "RFC 9051, 7.5.2" },
  { "LIST", N_ ("A folder."), "RFC 9051, 7.3.1" },
  { "STATUS", N_ ("Counts of a folder."), "RFC 9051, 7.3.3" },
  { "ESEARCH", N_ ("What a search found."), "RFC 9051, 7.3.4" },
  { "+", N_ ("The server waits for more of the command."), "RFC 9051, 7.6" },
};

typedef struct
{
  const char          *prefix; /* of the service */
  gboolean             has_tags;
  const PhExplanation *tables[2]; /* by voice: what the client says, what the server says */
  guint                sizes[2];
} PhProtocol;

#define TABLES(name)                                              \
  { name##_commands, name##_replies },                            \
  {                                                               \
    G_N_ELEMENTS (name##_commands), G_N_ELEMENTS (name##_replies) \
  }

static const PhProtocol protocols[] = {
  { "SMTP", FALSE, TABLES (smtp) },
  { "Submission", FALSE, TABLES (smtp) },
  { "LMTP", FALSE, TABLES (smtp) },
  { "POP3", FALSE, TABLES (pop3) },
  { "IMAP", TRUE, TABLES (imap) },
};

static const PhExplanation *
find (const PhExplanation *table,
      guint                size,
      const char          *word)
{
  for (guint i = 0; i < size; i++)
    if (g_ascii_strcasecmp (table[i].word, word) == 0)
      return &table[i];

  return NULL;
}

/* Moves on to what follows the word; "" at the end. */
static const char *
take_word (const char *text,
           char        word[WORD_MAX + 1])
{
  gsize length = strcspn (text, " -\r\n");

  /* A reply's "-" says that lines follow; at the beginning it belongs to the word. */
  if (length == 0 && *text == '-')
    length = 1 + strcspn (text + 1, " \r\n");
  g_strlcpy (word, text, MIN (length, WORD_MAX) + 1);
  text += length;

  return *text != '\0' ? text + 1 : text;
}

static const PhExplanation *
explain (const PhProtocol *protocol,
         guint             voice,
         const char       *text)
{
  const PhExplanation *table = protocol->tables[voice], *found;
  char                 word[WORD_MAX + 1];

  text = take_word (text, word);
  found = find (table, protocol->sizes[voice], word);
  /* IMAP has a tag first, may have UID or a number next, and "+" and DONE without one. */
  for (guint i = 0; found == NULL && protocol->has_tags && i < 3; i++)
    {
      text = take_word (text, word);
      found = find (table, protocol->sizes[voice], word);
    }

  return found;
}

char *
ph_explain_line (PhJournalLine *line)
{
  const char *service = ph_journal_session_get_service (ph_journal_line_get_session (line));
  guint       voice = ph_journal_line_get_voice (line);

  g_return_val_if_fail (PH_IS_JOURNAL_LINE (line), NULL);

  for (guint i = 0; voice != PH_JOURNAL_NOTE && i < G_N_ELEMENTS (protocols); i++)
    if (g_str_has_prefix (service, protocols[i].prefix))
      {
        const char          *text = ph_journal_line_get_text (line);
        const PhExplanation *found = explain (&protocols[i], voice, text);
        g_autofree char     *meaning = NULL;
        g_autofree char     *code = NULL;

        /* Translators: what a line of a mail protocol means, then the standard that says so, "RFC 5321, 4.2.3" */
        meaning = found != NULL ? g_strdup_printf (_ ("%s (%s)"), _ (found->meaning), found->source) : NULL;
        code = voice == PH_JOURNAL_SERVER ? ph_explain_code (protocols[i].tables[0] == smtp_commands, text) : NULL;

        return meaning != NULL && code != NULL ? g_strjoin ("\n", meaning, code, NULL) : g_strdup (meaning != NULL ? meaning : code);
      }

  return NULL;
}
