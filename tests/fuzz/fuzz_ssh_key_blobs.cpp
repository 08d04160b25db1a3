#include "ssh/agent_relay.hpp"
#include "ssh/certificate.hpp"
#include "ssh/known_hosts.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

/// A certificate's key is a part of it; what an agent says, or libssh to it, is edited to something that is
/// edited no further.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  if (const auto certificate = ssh::read_certificate(bytes)) {
    if (certificate->key.empty() || certificate->key.size() >= bytes.size()) std::abort();
  }
  const auto key = ssh::known_hosts::encode_key("key"), other = ssh::known_hosts::encode_key("other");
  const ssh::AgentRelay::Choice choice{
      {other, key}, {ssh::known_hosts::encode_key("hidden")}, true, {{other, key}}};
  const auto answer = ssh::edit_identities(bytes, choice);
  if (ssh::edit_identities(answer, choice) != answer) std::abort();
  const auto request = ssh::edit_request(bytes, choice);
  if (ssh::edit_request(request, choice) != request) std::abort();
  return 0;
}
