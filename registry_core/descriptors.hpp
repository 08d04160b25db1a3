#pragma once

#include <cstddef>

namespace registry_core {

/// How many of a process's descriptors may be what.
struct DescriptorShares {
  std::size_t connections;      ///< from peers
  std::size_t push_connections; ///< towards peers of the actor endpoint
};

/// \param files the limit of open files. \param push_connections that are wanted; 0 where there is no actor
/// endpoint. What else the process needs (its store, its log, its threads, peers that are just being turned
/// away) is left over, unless the limit is absurdly low. Pure.
DescriptorShares share_descriptors(std::size_t files, std::size_t push_connections);

/// The limit of open files; SIZE_MAX where it is not known.
std::size_t most_open_files();

} // namespace registry_core
