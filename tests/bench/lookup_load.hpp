#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

/// Keys as text (Z85).
struct KeyPair {
  std::string public_key, secret_key;
};
KeyPair make_key_pair();

/// With these the sockets of this process connect from now on. \param server its public key; empty: without
/// CURVE.
void use_curve(const std::string& server, const KeyPair& client);

/// So many clients, each with so many lookups under way at any time.
struct Load {
  const char* name;
  int clients;
  int in_flight; ///< 1: lock step, with a REQ socket
};

/// What came of it.
struct Result {
  double per_second = 0;
  std::vector<std::uint32_t> latencies; ///< nanoseconds, in no order
};

/// Sends `request` to the endpoint for so long. \throws std::runtime_error where a reply is not `expected`,
/// or missing for 5 s.
Result run_load(const Load& load, const std::string& endpoint, const std::string& request,
                const std::string& expected, std::chrono::milliseconds time);

/// One request, one reply, waiting until there is somebody to answer. \throws std::runtime_error after 10 s.
std::string ask(const std::string& endpoint, const std::string& request);

} // namespace bench
