#include "ssh/jumps.hpp"

#include "ssh/handshake_limit.hpp"
#include "ssh/jump.hpp"
#include "ssh/proxy_program.hpp"

#include <utility>

namespace ssh {

namespace {

using Clock = std::chrono::steady_clock;

std::string key_of(const Settings& settings, Clock::time_point deadline) {
  auto key = std::to_string(deadline.time_since_epoch().count());
  for (const auto& hop : settings.jumps)
    key += '\n' + hop.alias + '\n' + hop.user + '\n' + hop.hostname + '\n' + std::to_string(hop.port) + '\n' +
           hop.proxy_command;
  return key;
}

} // namespace

Jumps::Jumps() : limit_(std::make_shared<HandshakeLimit>()) {}
Jumps::~Jumps() = default;

std::shared_ptr<Jumps> Jumps::make() {
  return std::shared_ptr<Jumps>(new Jumps);
}

DialRequest Jumps::request(const Settings& settings, Clock::time_point deadline) {
  DialRequest request{settings.hostname, settings.port, settings.address_family, deadline};
  if (!settings.jumps.empty()) {
    request.through = "jump host " + settings.jumps.back().alias;
    request.open_tunnel = [self = shared_from_this(), settings, deadline] {
      return self->open(settings, deadline);
    };
  } else if (!settings.proxy_command.empty()) {
    request.through = "ProxyCommand";
    request.open_tunnel = [settings] { return start_proxy_program(settings); };
  }
  return request;
}

Stream Jumps::open(const Settings& settings, Clock::time_point deadline) {
  return Jump::open(last_jump(settings, deadline), settings.hostname, settings.port);
}

/// The session to the host's last jump host, begun where there is none yet. Its own way is that of the jump
/// hosts before it.
std::shared_ptr<Jump> Jumps::last_jump(const Settings& settings, Clock::time_point deadline) {
  const std::lock_guard lock(mutex_);
  auto& known = jumps_[key_of(settings, deadline)];
  if (auto jump = known.lock()) return jump;
  auto hop = settings.jumps.back();
  hop.jumps.assign(settings.jumps.begin(), settings.jumps.end() - 1);
  const auto now = Clock::now();
  const auto own_deadline = now + (deadline - now) / 10 * 9;
  auto jump = std::make_shared<Jump>(hop, request(hop, own_deadline), limit_);
  known = jump;
  return jump;
}

} // namespace ssh
