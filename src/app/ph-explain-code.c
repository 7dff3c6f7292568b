#include "ph-explain-code.h"

#include <glib/gi18n.h>
#include <string.h>

/* The longest code that is looked for. */
#define CODE_MAX 32

typedef struct
{
  const char *code;
  const char *meaning; /* a sentence for people */
  const char *source;
} PhCodeMeaning;

/* Without the class, which the first digit says: 4 not now, 5 no. */
static const PhCodeMeaning status_codes[] = {
  { "1.1", N_ ("There is no such mailbox in this domain."), "RFC 3463, 3.2" },
  { "1.2", N_ ("The domain after the @ does not exist, or takes no mail."), "RFC 3463, 3.2" },
  { "1.3", N_ ("The recipient’s address is not written as addresses are."), "RFC 3463, 3.2" },
  { "1.6", N_ ("The mailbox has moved, and where to is not known."), "RFC 3463, 3.2" },
  { "1.7", N_ ("The sender’s address is not written as addresses are."), "RFC 3463, 3.2" },
  { "1.8", N_ ("The sender’s domain does not exist, or takes no mail."), "RFC 3463, 3.2" },
  { "1.10", N_ ("The recipient’s domain says in DNS that it takes no mail (null MX)."), "RFC 7505, 6" },
  { "2.1", N_ ("The mailbox is there, but takes no mail."), "RFC 3463, 3.3" },
  { "2.2", N_ ("The mailbox is full."), "RFC 3463, 3.3" },
  { "2.3", N_ ("The message is larger than this mailbox takes."), "RFC 3463, 3.3" },
  { "3.0", N_ ("Something is wrong at the server itself."), "RFC 3463, 3.4" },
  { "3.1", N_ ("The server has no room left."), "RFC 3463, 3.4" },
  { "3.2", N_ ("The server takes no mail at the moment."), "RFC 3463, 3.4" },
  { "3.4", N_ ("The message is larger than this server takes."), "RFC 3463, 3.4" },
  { "4.1", N_ ("The next server did not answer."), "RFC 3463, 3.5" },
  { "4.2", N_ ("The connection was lost."), "RFC 3463, 3.5" },
  { "4.3", N_ ("The servers that know names (DNS) gave no answer."), "RFC 3463, 3.5" },
  { "4.4", N_ ("No way to the recipient’s domain was found."), "RFC 3463, 3.5" },
  { "4.6", N_ ("The message goes in circles."), "RFC 3463, 3.5" },
  { "4.7", N_ ("It was tried for too long."), "RFC 3463, 3.5" },
  { "5.0", N_ ("The two sides did not understand each other."), "RFC 3463, 3.6" },
  { "5.1", N_ ("The command is not known, or does not fit in here."), "RFC 3463, 3.6" },
  { "5.2", N_ ("The command is not written as the standard wants it."), "RFC 3463, 3.6" },
  { "5.3", N_ ("There are more recipients than one message may have."), "RFC 3463, 3.6" },
  { "5.4", N_ ("What follows the command is not understood."), "RFC 3463, 3.6" },
  { "5.6", N_ ("The line of the login is longer than the server takes."), "RFC 4954, 6" },
  { "6.0", N_ ("Something is wrong with the message itself."), "RFC 3463, 3.7" },
  { "6.1", N_ ("The message has a kind of content that is not taken."), "RFC 3463, 3.7" },
  { "6.3", N_ ("The message would have to be converted, and that is not possible."), "RFC 3463, 3.7" },
  { "6.7", N_ ("The address has characters beyond ASCII, which are not taken here."), "RFC 6531, 3.7.4.1" },
  { "7.0", N_ ("It is a matter of safety or policy."), "RFC 3463, 3.8" },
  { "7.1", N_ ("The rules of the server do not allow it."), "RFC 3463, 3.8" },
  { "7.4", N_ ("One of the two sides lacks what the other wants for safety."), "RFC 3463, 3.8" },
  { "7.5", N_ ("The encryption did not work out."), "RFC 3463, 3.8" },
  { "7.8", N_ ("The name or the password is wrong."), "RFC 4954, 6" },
  { "7.9", N_ ("This way to log in is too weak."), "RFC 4954, 6" },
  { "7.10", N_ ("It needs TLS."), "RFC 5248, 2.4" },
  { "7.11", N_ ("This way to log in needs TLS."), "RFC 4954, 6" },
  { "7.13", N_ ("The account may not be used for this."), "RFC 5248, 2.4" },
  { "7.16", N_ ("The account has as many messages as it may that wait for their time."), "RFC 4865, 6" },
  { "7.17", N_ ("The server has as many messages as it may that wait for their time."), "RFC 4865, 6" },
  { "7.20", N_ ("No signature of the message (DKIM) is good."), "RFC 7372, 3.1" },
  { "7.23", N_ ("The sender’s domain does not allow this client to send for it (SPF)."), "RFC 7372, 3.2" },
  { "7.24", N_ ("What the sender’s domain allows (SPF) could not be found out."), "RFC 7372, 3.2" },
  { "7.25", N_ ("The client’s address has no name in DNS that leads back to it."), "RFC 7372, 3.3" },
  { "7.26", N_ ("Neither SPF nor DKIM shows that the message is from where it says."), "RFC 7372, 3.4" },
  { "7.27", N_ ("The sender’s domain says in DNS that it takes no mail (null MX)."), "RFC 7505, 6" },
  { "7.30", N_ ("The sender wants TLS all the way (REQUIRETLS), and the next server does not promise it."), "RFC 8689, 5" },
};

static const PhCodeMeaning response_codes[] = {
  { "AUTH", N_ ("The login was refused: another name or password is needed, or another way to log in."), "RFC 3206, 5" },
  { "SYS/TEMP", N_ ("Something is wrong at the server; it should pass by itself."), "RFC 3206, 4" },
  { "SYS/PERM", N_ ("Something is wrong at the server that somebody has to mend."), "RFC 3206, 4" },
  { "IN-USE", N_ ("Another session has this mailbox open."), "RFC 2449, 8.1.2" },
  { "LOGIN-DELAY", N_ ("The client logs in more often than the server wants."), "RFC 2449, 8.1.1" },
  { "UNAVAILABLE", N_ ("Something that the server needs for this does not work at the moment."), "RFC 5530, 3" },
  { "AUTHENTICATIONFAILED", N_ ("The name or the password is wrong; which of them is not told."), "RFC 5530, 3" },
  { "AUTHORIZATIONFAILED", N_ ("The password is right, but the account may not be used so."), "RFC 5530, 3" },
  { "EXPIRED", N_ ("The password is too old."), "RFC 5530, 3" },
  { "PRIVACYREQUIRED", N_ ("That is possible over TLS only."), "RFC 5530, 3" },
  { "CONTACTADMIN", N_ ("Whoever runs the server has to be asked."), "RFC 5530, 3" },
  { "NOPERM", N_ ("The account is not allowed to do that."), "RFC 5530, 3" },
  { "INUSE", N_ ("Somebody else is doing something with it at the moment."), "RFC 5530, 3" },
  { "EXPUNGEISSUED", N_ ("Another session has removed some of these messages."), "RFC 5530, 3" },
  { "CORRUPTION", N_ ("What is stored is damaged."), "RFC 5530, 3" },
  { "SERVERBUG", N_ ("The server has made a mistake."), "RFC 5530, 3" },
  { "CLIENTBUG", N_ ("The server thinks that the client has made a mistake."), "RFC 5530, 3" },
  { "CANNOT", N_ ("The server can never do that, whoever asks."), "RFC 5530, 3" },
  { "LIMIT", N_ ("That is more than the server allows at once."), "RFC 5530, 3" },
  { "OVERQUOTA", N_ ("There is no room left for the account."), "RFC 5530, 3" },
  { "ALREADYEXISTS", N_ ("There is a folder of that name already."), "RFC 5530, 3" },
  { "NONEXISTENT", N_ ("There is no such folder."), "RFC 5530, 3" },
  { "TRYCREATE", N_ ("There is no such folder; the client may make it and try again."), "RFC 9051, 7.1" },
  { "TOOBIG", N_ ("The message is larger than the server takes."), "RFC 4469, 4.2" },
  { "BADURL", N_ ("A part that the client wants put in is not there."), "RFC 4469, 4.1" },
  { "UNKNOWN-CTE", N_ ("A part can’t be sent decoded: how it is encoded is not known."), "RFC 3516, 4.3" },
  { "BADCHARSET", N_ ("The server does not know the character set of the search."), "RFC 9051, 7.1" },
  { "READ-ONLY", N_ ("The folder is open to be read, not changed."), "RFC 9051, 7.1" },
  { "READ-WRITE", N_ ("The folder is open to be read and changed."), "RFC 9051, 7.1" },
  { "CLOSED", N_ ("The folder that was open is closed; what follows is of the next one."), "RFC 9051, 7.1" },
  { "UIDNEXT", N_ ("The number that the next new message gets."), "RFC 9051, 7.1" },
  { "UIDVALIDITY", N_ ("As long as this stays the same, so do the numbers (UIDs) of the messages."), "RFC 9051, 7.1" },
  { "PERMANENTFLAGS", N_ ("Flags that are kept when they are set."), "RFC 9051, 7.1" },
  { "APPENDUID", N_ ("Which number (UID) the new message has got."), "RFC 9051, 7.1" },
  { "COPYUID", N_ ("Which numbers (UIDs) the copies have got."), "RFC 9051, 7.1" },
  { "HIGHESTMODSEQ", N_ ("How far changes of the folder are counted: a client may ask later for those since."), "RFC 7162, 3.1.2.1" },
  { "MODIFIED", N_ ("These messages were changed meanwhile, and are left as they are."), "RFC 7162, 3.1.3" },
  { "COMPRESSIONACTIVE", N_ ("What is said is compressed already."), "RFC 4978, 3" },
  { "USEATTR", N_ ("A folder for that use can’t be made."), "RFC 6154, 3" },
  { "METADATA", N_ ("The note on a folder or the server is too large, or there are too many."), "RFC 5464, 4.3" },
  { "BADEVENT", N_ ("The server can’t watch for events of that kind."), "RFC 5465, 3.1" },
};

static const PhCodeMeaning *
find (const PhCodeMeaning *table,
      guint                size,
      const char          *code)
{
  for (guint i = 0; i < size; i++)
    if (g_ascii_strcasecmp (table[i].code, code) == 0)
      return &table[i];

  return NULL;
}

/* What begins at `start`, up to one of `ends`; FALSE for nothing, or more than a code has. */
static gboolean
take (const char *start,
      const char *ends,
      char        code[CODE_MAX])
{
  gsize length = strcspn (start, ends);

  if (length == 0 || length >= CODE_MAX)
    return FALSE;
  memcpy (code, start, length);
  code[length] = '\0';

  return TRUE;
}

/* "550 5.1.1 There is…" has "5.1.1".  Of what went well it says no more than the reply does. */
static const PhCodeMeaning *
find_status (const char *text,
             char        code[CODE_MAX])
{
  if (strlen (text) < 9 || text[0] == '2' || strspn (text, "0123456789") != 3 || text[4] != text[0] || text[5] != '.' || !take (text + 4, " \n", code))
    return NULL;

  return find (status_codes, G_N_ELEMENTS (status_codes), code + 2);
}

/* "-ERR [AUTH] Wrong…", "a1 NO [CANNOT] Not…": before anything that a person has named. */
static const PhCodeMeaning *
find_response (const char *text,
               char        code[CODE_MAX])
{
  const char *bracket = strchr (text, '[');
  guint       n_words = 0;

  for (const char *p = text; bracket != NULL && p < bracket; p++)
    n_words += *p == ' ';
  if (bracket == NULL || bracket == text || bracket[-1] != ' ' || n_words > 2 || !take (bracket + 1, "] \n", code) || strchr (bracket, ']') == NULL)
    return NULL;

  return find (response_codes, G_N_ELEMENTS (response_codes), code);
}

char *
ph_explain_code (gboolean    is_smtp,
                 const char *text)
{
  char                 code[CODE_MAX];
  const PhCodeMeaning *found = is_smtp ? find_status (text, code) : find_response (text, code);

  /* Translators: a code of a mail protocol, "5.1.1" or "AUTH"; what it means; the standard that says so */
  return found != NULL ? g_strdup_printf (_ ("%s: %s (%s)"), code, _ (found->meaning), found->source) : NULL;
}
