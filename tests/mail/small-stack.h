#pragma once

#include <glib.h>
#include <pthread.h>

/* Runs `function` in a thread with a stack so small that recursion over input
 * would not fit (V06), but large enough for sanitizers. */
static inline gpointer
run_with_small_stack (gpointer (*function) (gpointer data),
                      gpointer data)
{
  pthread_attr_t attributes;
  pthread_t      thread;
  gpointer       result = NULL;

  g_assert_cmpint (pthread_attr_init (&attributes), ==, 0);
  g_assert_cmpint (pthread_attr_setstacksize (&attributes, 128 * 1024), ==, 0);
  g_assert_cmpint (pthread_create (&thread, &attributes, function, data), ==, 0);
  g_assert_cmpint (pthread_join (thread, &result), ==, 0);
  pthread_attr_destroy (&attributes);

  return result;
}
