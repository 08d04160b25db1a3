#pragma once

#include "ssh/connection.hpp"

namespace ssh {

/// Authenticates with the configured identity files, then with the agent's keys; asks nobody anything. The
/// host key must have been judged before. Returns what the server took, for people: a key file's path, `a key
/// of the agent`, or `no key`. \throws Error (authentication, connect, timed_out).
std::string authenticate(const Connection& connection, const Settings& settings, Deadline deadline);

} // namespace ssh
