#include "ph-process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

void
ph_process_harden (void)
{
  struct rlimit limit;

  umask (077);
  signal (SIGPIPE, SIG_IGN);
  /* A file over RLIMIT_FSIZE is an error like a full disk, not the end (V42). */
  signal (SIGXFSZ, SIG_IGN);

  /* No secret on the disk after a crash (V48).  Where PR_SET_DUMPABLE holds, nobody can see
   * into /proc for this process either; but portals look there to know a Flatpak. */
  setrlimit (RLIMIT_CORE, &(struct rlimit){ 0, 0 });
  if (access ("/.flatpak-info", F_OK) != 0)
    prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);

  if (getrlimit (RLIMIT_NOFILE, &limit) == 0)
    {
      limit.rlim_cur = limit.rlim_max;
      setrlimit (RLIMIT_NOFILE, &limit);
    }
}
