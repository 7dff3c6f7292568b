#include "ph-password-prompt.h"

#include "ph-password.h"

#include <gio/gio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Without its line end.  Read byte by byte: what follows is for somebody else. */
static char *
read_line (GError **error)
{
  char  line[PH_PASSWORD_MAX + 1];
  gsize length = 0;
  char *result;

  while (length < sizeof line && read (STDIN_FILENO, line + length, 1) == 1 && line[length] != '\n')
    length++;
  if (length == 0 || length == sizeof line)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, length == 0 ? "There is no password on standard input" : "The password is too long");
      return NULL;
    }

  if (line[length - 1] == '\r')
    length--;
  result = g_strndup (line, length);
  explicit_bzero (line, sizeof line);

  return result;
}

static char *
ask (const char *question,
     GError    **error)
{
  struct termios shown, hidden;
  char          *answer;

  if (tcgetattr (STDIN_FILENO, &shown) != 0)
    return read_line (error);

  hidden = shown;
  hidden.c_lflag &= ~(tcflag_t)ECHO;
  g_printerr ("%s: ", question);
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &hidden);
  answer = read_line (error);
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &shown);
  g_printerr ("\n");

  return answer;
}

char *
ph_password_prompt (GError **error)
{
  char *password = ask ("Password", error);
  char *again;

  if (password == NULL || !isatty (STDIN_FILENO))
    return password;

  again = ask ("Again", error);
  if (again != NULL && strcmp (password, again) != 0)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The two passwords differ");
  if (again == NULL || strcmp (password, again) != 0)
    g_clear_pointer (&password, ph_password_free);
  ph_password_free (again);

  return password;
}
