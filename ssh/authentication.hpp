#pragma once

#include "ssh/connection.hpp"

namespace ssh {

/// Authenticates with the configured identity files, then with the agent's keys; asks nobody anything. The
/// host key must have been judged before. \throws Error (authentication, connect, timed_out).
void authenticate(const Connection& connection, const Settings& settings, Deadline deadline);

} // namespace ssh
