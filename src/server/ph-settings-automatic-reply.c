#include "ph-settings-automatic-reply.h"

#include "ph-server-error.h"

#include <glib/gi18n-lib.h>

#define ENABLED "AutomaticReply"
#define SUBJECT "AutomaticReplySubject"
#define TEXT "AutomaticReplyText"
#define FIRST_DAY "AutomaticReplyFirstDay"
#define LAST_DAY "AutomaticReplyLastDay"
#define DAYS "AutomaticReplyDays"

static const char *const keys[] = { ENABLED, SUBJECT, TEXT, FIRST_DAY, LAST_DAY, DAYS, NULL };

gboolean
ph_settings_automatic_reply_knows (const char *key)
{
  return g_strv_contains (keys, key);
}

/* As it was where there is no such key, or no text in it. */
static void
read_text (GKeyFile   *file,
           const char *group,
           const char *key,
           char      **text)
{
  char *read = g_key_file_get_string (file, group, key, NULL);

  if (read == NULL)
    return;

  g_free (*text);
  *text = read;
}

static gboolean
read_day (GKeyFile    *file,
          const char  *group,
          const char  *key,
          guint32     *day,
          const char **bad_key,
          GError     **error)
{
  g_autofree char *text = g_key_file_get_string (file, group, key, NULL);

  if (text == NULL || ph_automatic_reply_parse_day (text, day))
    return TRUE;

  *bad_key = key;
  /* Translators: what was written */
  g_set_error (error, PH_SERVER_ERROR, PH_SERVER_ERROR_SETTINGS, _ ("“%s” is no day like 2026-12-24"), text);

  return FALSE;
}

gboolean
ph_settings_automatic_reply_read (PhAccount   *account,
                                  GKeyFile    *file,
                                  const char  *group,
                                  const char **bad_key,
                                  GError     **error)
{
  g_autoptr (PhAutomaticReply) reply = ph_automatic_reply_new ();
  g_autoptr (GError) value_error = NULL;
  const char *problem;

  if (!g_key_file_has_key (file, group, ENABLED, NULL))
    return TRUE;

  *bad_key = ENABLED;
  reply->enabled = g_key_file_get_boolean (file, group, ENABLED, &value_error);
  if (value_error == NULL && g_key_file_has_key (file, group, DAYS, NULL))
    reply->days = (guint)MAX (g_key_file_get_integer (file, group, *bad_key = DAYS, &value_error), 0);
  if (value_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&value_error));
      return FALSE;
    }

  read_text (file, group, SUBJECT, &reply->subject);
  read_text (file, group, TEXT, &reply->text);
  if (!read_day (file, group, FIRST_DAY, &reply->first_day, bad_key, error) || !read_day (file, group, LAST_DAY, &reply->last_day, bad_key, error))
    return FALSE;

  problem = ph_automatic_reply_find_problem (reply);
  if (problem != NULL)
    {
      *bad_key = ENABLED;
      g_set_error_literal (error, PH_SERVER_ERROR, PH_SERVER_ERROR_SETTINGS, problem);
      return FALSE;
    }
  g_object_set (account, "automatic-reply", reply, NULL);

  return TRUE;
}

void
ph_settings_automatic_reply_write (PhAccount  *account,
                                   GKeyFile   *file,
                                   const char *group)
{
  const PhAutomaticReply *reply = ph_account_get_automatic_reply (account);
  g_autofree char        *first = NULL;
  g_autofree char        *last = NULL;

  if (reply == NULL)
    {
      for (guint i = 0; keys[i] != NULL; i++)
        g_key_file_remove_key (file, group, keys[i], NULL);
      return;
    }

  first = ph_automatic_reply_format_day (reply->first_day);
  last = ph_automatic_reply_format_day (reply->last_day);
  g_key_file_set_boolean (file, group, ENABLED, reply->enabled);
  g_key_file_set_string (file, group, SUBJECT, reply->subject);
  g_key_file_set_string (file, group, TEXT, reply->text);
  g_key_file_set_string (file, group, FIRST_DAY, first);
  g_key_file_set_string (file, group, LAST_DAY, last);
  g_key_file_set_integer (file, group, DAYS, (int)reply->days);
}
