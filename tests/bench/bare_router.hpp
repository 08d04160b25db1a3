#pragma once

#include <string>

namespace bench {

/// What the registry is measured against: a libzmq ROUTER that answers every message with the same bytes and
/// does nothing else. Returns on TERM.
void run_bare_router(const std::string& endpoint, const std::string& reply);

} // namespace bench
