#include "registry_core/descriptors.hpp"

#include <algorithm>
#include <cstdint>

#include <sys/resource.h>

namespace registry_core {

DescriptorShares share_descriptors(std::size_t files, std::size_t push_connections) {
  constexpr std::size_t left = 100;
  constexpr std::size_t descriptors_a_push = 2; // the connection, and what wakes its socket
  // Where descriptors are few, most are for those who ask.
  constexpr std::size_t files_for_each_push = 8;
  const std::size_t pushes =
      std::min(push_connections, std::max<std::size_t>(files / files_for_each_push, 1));
  const std::size_t others = left + pushes * descriptors_a_push;
  return {files > others + left ? files - others : left, pushes};
}

std::size_t most_open_files() {
  rlimit files{};
  return getrlimit(RLIMIT_NOFILE, &files) == 0 ? files.rlim_cur : SIZE_MAX;
}

} // namespace registry_core
