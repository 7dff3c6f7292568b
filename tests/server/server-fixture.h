#pragma once

#include "../support/remove-tree.h"
#include "ph-server-private.h"
#include "ph-service-test.h"

#include <string.h>

/* A whole server with all services on free ports. */

static inline void
ready_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static inline void
await (GAsyncResult **result)
{
  gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (*result == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (200);
    }
}

static inline void
started_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_assert_true (ph_server_start_finish (PH_SERVER (source), result, NULL));
  ready_cb (source, result, user_data);
}

static inline PhServer *
start_server_with_clock (const char *dir,
                         PhClock    *clock)
{
  g_autofree char *ini = g_build_filename (dir, "posthouse.ini", NULL);
  g_autofree char *data_dir = g_build_filename (dir, "data", NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhSettings) settings = ph_settings_new (ini, &error);
  PhServer *server;

  g_assert_no_error (error);
  ph_settings_use_free_ports (settings);
  ph_settings_set_service (settings, "lmtp", TRUE, "127.0.0.1", 0);
  ph_settings_set_service (settings, "pop3", TRUE, "0.0.0.0", 0);
  g_object_set (settings, "host-name", "mail.test", NULL);
  server = ph_server_new (settings, data_dir, clock, &error);
  g_assert_no_error (error);
  ph_server_start_async (server, NULL, started_cb, &result);
  await (&result);

  return server;
}

static inline PhServer *
start_server (const char *dir)
{
  g_autoptr (PhClock) clock = ph_clock_new ();

  return start_server_with_clock (dir, clock);
}

static inline void
stop_server (PhServer *server)
{
  g_autoptr (GAsyncResult) result = NULL;

  ph_server_stop_async (server, NULL, ready_cb, &result);
  await (&result);
  g_clear_object (&result); /* it has the server */
  g_assert_true (ph_settings_flush (ph_server_get_settings (server), NULL));

  /* Its workers may still be about to let go of it. */
  g_object_add_weak_pointer (G_OBJECT (server), (gpointer *)&server);
  g_object_unref (server);
  while (server != NULL)
    g_main_context_iteration (NULL, TRUE);
}

static inline PhServiceAnswer *
ask_server (PhServer  *server,
            PhService *service)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  PhServiceAnswer *answer;

  ph_server_test_service_async (server, service, NULL, ready_cb, &result);
  await (&result);
  answer = ph_server_test_service_finish (server, result, &error);
  g_assert_no_error (error);

  return answer;
}
