#include "ph-process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

void
ph_process_harden (void)
{
  struct rlimit limit;

  umask (077);
  signal (SIGPIPE, SIG_IGN);
  /* A file over RLIMIT_FSIZE is an error like a full disk, not the end (V42). */
  signal (SIGXFSZ, SIG_IGN);
  prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);

  if (getrlimit (RLIMIT_NOFILE, &limit) == 0)
    {
      limit.rlim_cur = limit.rlim_max;
      setrlimit (RLIMIT_NOFILE, &limit);
    }
}
