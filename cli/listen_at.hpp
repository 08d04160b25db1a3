#pragma once

#include <optional>
#include <string>

namespace cli {

/// A TCP socket that listens where this endpoint would be bound, to be given away before libzmq has it
/// (ZMQ_USE_FD). The caller owns it. Nothing for what is not a numeric address (`*` is any of IPv4, localhost
/// 127.0.0.1) with a port of its own, and where the address can't be bound: whoever binds it then learns why.
std::optional<int> listen_at(const std::string& endpoint);

} // namespace cli
