#include "ph-imap-url.h"

#include "ph-imap-content.h"
#include "ph-store-error.h"

#include <string.h>

/* Of one turn of the main loop. */
#define SLICE (64 * 1024)

#define URL_MAX 4096

void
ph_imap_url_free (PhImapUrl *self)
{
  g_free (self->mailbox);
  g_clear_pointer (&self->items, ph_imap_fetch_items_free);
  g_free (self);
}

/* The text up to the next "/;NAME=", which is taken too; NULL where there is none. */
static char *
take_up_to (const char **text,
            const char  *name)
{
  gsize n = strlen (name);

  for (const char *c = *text; *c != '\0'; c++)
    if (g_ascii_strncasecmp (c, name, n) == 0)
      {
        char *before = g_strndup (*text, (gsize)(c - *text));

        *text = c + n;
        return before;
      }

  return NULL;
}

static gboolean
parse_number (const char *text,
              guint32    *number)
{
  PhImapParser parser;
  guint64      value;

  ph_imap_parser_init (&parser, text, strlen (text));
  if (!ph_imap_parser_take_number (&parser, G_MAXUINT32, &value) || !ph_imap_parser_at_end (&parser) || value == 0)
    return FALSE;
  *number = (guint32)value;

  return TRUE;
}

/* "INBOX;UIDVALIDITY=17" */
static gboolean
parse_mailbox (PhImapUrl  *self,
               const char *text,
               const char *selected)
{
  const char      *rest = text;
  g_autofree char *before = take_up_to (&rest, ";UIDVALIDITY=");
  g_autofree char *decoded = g_uri_unescape_string (before != NULL ? before : text, NULL);

  self->has_uidvalidity = before != NULL;
  if (decoded == NULL || (before != NULL && !parse_number (rest, &self->uidvalidity)))
    return FALSE;
  self->mailbox = *decoded == '\0' ? g_strdup (selected) : g_utf8_validate (decoded, -1, NULL) ? ph_folder_name_normalize (decoded)
                                                                                               : NULL;

  return self->mailbox != NULL;
}

/* "0.1024", or "1024" for all from there on. */
static gboolean
format_partial (const char *text,
                GString    *out)
{
  g_auto (GStrv) numbers = g_strsplit (text, ".", 3);
  guint32 count = G_MAXUINT32;
  guint32 offset = 0;

  if (g_strv_length (numbers) < 1 || g_strv_length (numbers) > 2)
    return FALSE;
  if (strcmp (numbers[0], "0") != 0 && !parse_number (numbers[0], &offset))
    return FALSE;
  if (numbers[1] != NULL && !parse_number (numbers[1], &count))
    return FALSE;
  g_string_append_printf (out, "<%u.%u>", offset, count);

  return TRUE;
}

/* "20", "20/;SECTION=1.2", "20/;PARTIAL=0.1024" */
static gboolean
parse_part (PhImapUrl  *self,
            const char *text)
{
  g_autoptr (GString) item = g_string_new ("BODY.PEEK[");
  const char      *partial = text;
  g_autofree char *whole = take_up_to (&partial, "/;PARTIAL=");
  const char      *section = whole != NULL ? whole : text;
  g_autofree char *uid = take_up_to (&section, "/;SECTION=");
  g_autofree char *decoded = uid != NULL ? g_uri_unescape_string (section, NULL) : NULL;
  PhImapParser     parser;

  if ((uid != NULL && decoded == NULL) || !parse_number (uid != NULL ? uid : section, &self->uid))
    return FALSE;
  g_string_append_printf (item, "%s]", decoded != NULL ? decoded : "");
  if (whole != NULL && !format_partial (partial, item))
    return FALSE;

  ph_imap_parser_init (&parser, item->str, item->len);
  self->items = ph_imap_fetch_items_take (&parser);

  return self->items != NULL && ph_imap_parser_at_end (&parser) && self->items->sections->len == 1;
}

PhImapUrl *
ph_imap_url_parse (const char *text,
                   const char *selected)
{
  g_autoptr (PhImapUrl) self = g_new0 (PhImapUrl, 1);
  const char      *rest = text;
  g_autofree char *mailbox = NULL;

  if (strlen (text) > URL_MAX || g_str_has_prefix (text, "//"))
    return NULL;
  if (g_ascii_strncasecmp (text, ";UID=", 5) == 0)
    {
      mailbox = g_strdup ("");
      rest += 5;
    }
  else if (*text == '/')
    {
      mailbox = take_up_to (&rest, "/;UID=");
    }
  if (mailbox == NULL || !parse_mailbox (self, *mailbox == '/' ? mailbox + 1 : mailbox, selected) || !parse_part (self, rest))
    return NULL;

  return g_steal_pointer (&self);
}

/* Copying */

typedef struct
{
  const PhImapUrl *url; /* borrowed: lives as long as the command that asked */
  PhSpool         *spool;
  guint64          size_max;
  PhMessage       *message;
  PhImapContent    content;
} Copy;

static void
copy_free (gpointer data)
{
  Copy *copy = data;

  ph_imap_content_clear (&copy->content);
  g_clear_object (&copy->message);
  g_object_unref (copy->spool);
  g_free (copy);
}

static void
return_not_found (GTask *task)
{
  g_task_return_new_error (task, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND, "There is no such message or part");
}

static gboolean
copy_slice (gpointer data)
{
  GTask             *task = data;
  Copy              *copy = g_task_get_task_data (task);
  g_autofree guint8 *bytes = g_malloc (SLICE);
  GError            *error = NULL;
  gssize             n;

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;
  n = ph_imap_content_read (&copy->content, bytes, SLICE, &error);
  if (n < 0 || (n > 0 && !ph_spool_write (copy->spool, bytes, (gsize)n, &error)))
    g_task_return_error (task, error);
  else if (n == 0)
    g_task_return_boolean (task, TRUE);
  else
    return G_SOURCE_CONTINUE;

  return G_SOURCE_REMOVE;
}

static void
on_structure (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Copy             *copy = g_task_get_task_data (task);
  GError           *error = NULL;
  const PhMimePart *root = ph_message_load_structure_finish (copy->message, result, &error);
  gboolean          found;

  if (root == NULL || !ph_imap_content_open (&copy->content, copy->message, root, 0, g_ptr_array_index (copy->url->items->sections, 0), &found, &error))
    g_task_return_error (task, error);
  else if (!found)
    return_not_found (task);
  else if (copy->content.remaining > copy->size_max || ph_spool_get_size (copy->spool) > copy->size_max - copy->content.remaining)
    g_task_return_new_error (task, PH_STORE_ERROR, PH_STORE_ERROR_OVER_QUOTA, "The message would be too large");
  else
    g_idle_add_full (G_PRIORITY_DEFAULT, copy_slice, g_object_ref (task), g_object_unref);
}

static void
on_message (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Copy         *copy = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  GError       *error = NULL;

  copy->message = ph_mailbox_open_message_finish (PH_MAILBOX (source), result, &error);
  if (copy->message == NULL)
    g_task_return_error (task, error);
  else
    ph_message_load_structure_async (copy->message, cancellable, on_structure, g_steal_pointer (&task));
}

static void
on_mailbox (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  const PhImapUrl *url = ((Copy *)g_task_get_task_data (task))->url;
  GCancellable    *cancellable = g_task_get_cancellable (task);
  GError          *error = NULL;
  g_autoptr (PhMailbox) mailbox = ph_account_store_open_mailbox_finish (PH_ACCOUNT_STORE (source), result, &error);
  guint position;

  if (mailbox == NULL)
    g_task_return_error (task, error);
  else if ((url->has_uidvalidity && url->uidvalidity != ph_mailbox_get_uidvalidity (mailbox)) || !ph_mailbox_find_uid (mailbox, url->uid, &position))
    return_not_found (task);
  else
    ph_mailbox_open_message_async (mailbox, url->uid, cancellable, on_message, g_steal_pointer (&task));
}

void
ph_imap_url_copy_async (const PhImapUrl    *self,
                        PhAccountStore     *store,
                        PhSpool            *spool,
                        guint64             size_max,
                        GCancellable       *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  GTask *task = g_task_new (store, cancellable, callback, user_data);
  Copy  *copy = g_new0 (Copy, 1);

  copy->url = self;
  copy->spool = g_object_ref (spool);
  copy->size_max = size_max;
  g_task_set_task_data (task, copy, copy_free);
  ph_account_store_open_mailbox_async (store, self->mailbox, cancellable, on_mailbox, task);
}

gboolean
ph_imap_url_copy_finish (PhAccountStore *store,
                         GAsyncResult   *result,
                         GError        **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
