#pragma once

namespace cli {

/// Neither core dumps nor other processes of the same user see this process's memory from now on (prctl(2),
/// PR_SET_DUMPABLE): libraries keep copies of keys where nobody can wipe them. A program that it executes is
/// not concerned.
void keep_memory_private() noexcept;

} // namespace cli
