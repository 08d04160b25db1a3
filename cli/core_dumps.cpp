#include "cli/core_dumps.hpp"

#include <sys/prctl.h>

namespace cli {

void keep_memory_private() noexcept {
  (void)::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

} // namespace cli
