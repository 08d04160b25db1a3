#pragma once

#include <string>

namespace bench {

/// What the registry is measured against: a libzmq ROUTER that answers every message with the same bytes and
/// does nothing else. Returns on TERM. \param secret_key of a server with CURVE (Z85), who lets everybody in;
/// empty: without.
void run_bare_router(const std::string& endpoint, const std::string& reply,
                     const std::string& secret_key = {});

} // namespace bench
