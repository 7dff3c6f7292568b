#include "ph-password-prompt.h"

#include "ph-password.h"

#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* What a person at a terminal, or its end, sends. */
static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

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

/* What the terminal was before nothing typed was shown, for who ends this program meanwhile. */
static struct termios shown;

static void
show_and_end (int number)
{
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &shown);
  signal (number, SIG_DFL);
  raise (number);
}

/* Before a question is written: what is typed at once is neither shown nor lost. */
static gboolean
hide_typing (void)
{
  struct sigaction action = { .sa_handler = show_and_end };
  struct termios   hidden;

  if (tcgetattr (STDIN_FILENO, &shown) != 0)
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    sigaction (ends[i], &action, NULL);
  hidden = shown;
  hidden.c_lflag &= ~(tcflag_t)ECHO;
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &hidden);

  return TRUE;
}

static void
show_typing (void)
{
  tcsetattr (STDIN_FILENO, TCSADRAIN, &shown);
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    signal (ends[i], SIG_DFL);
}

static char *
ask (const char *question,
     GError    **error)
{
  char *answer;

  g_printerr ("%s: ", question);
  answer = read_line (error);
  g_printerr ("\n");

  return answer;
}

static char *
ask_twice (GError **error)
{
  char *password = ask ("Password", error);
  char *again;

  if (password == NULL)
    return NULL;

  again = ask ("Again", error);
  if (again != NULL && strcmp (password, again) != 0)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The two passwords differ");
  if (again == NULL || strcmp (password, again) != 0)
    g_clear_pointer (&password, ph_password_free);
  ph_password_free (again);

  return password;
}

char *
ph_password_prompt (GError **error)
{
  char *password;

  if (!hide_typing ())
    return read_line (error);

  password = ask_twice (error);
  show_typing ();

  return password;
}
