#include "controller/dialing.hpp"

#include "controller/host_link.hpp"
#include "ssh/jumps.hpp"
#include "ssh/target.hpp"

#include <utility>
#include <variant>
#include <vector>

namespace controller {

void dial_hosts(std::span<const config::Host* const> hosts, const DialWork& work) {
  std::vector<ssh::SettingsQuery> queries;
  for (const auto* host : hosts)
    queries.push_back(
        {ssh::parse_target(host->ssh), {host->identity_file, host->known_hosts, host->proxy_jump}});
  auto found = ssh::effective_settings(queries);

  const auto jumps = ssh::Jumps::make();
  std::vector<std::size_t> indices;
  std::vector<ssh::DialRequest> requests;
  const auto now = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (const auto* error = std::get_if<ssh::Error>(&found[i])) {
      work.failed(i, to_failure(*error, hosts[i]->name));
      continue;
    }
    const auto& settings = std::get<ssh::Settings>(found[i]);
    const auto limit = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
        std::chrono::duration<double>(hosts[i]->connect_timeout_s));
    indices.push_back(i);
    requests.push_back(jumps->request(settings, now + limit));
  }
  ssh::dial_all(
      requests,
      [&](std::size_t at, ssh::DialResult result) {
        const auto i = indices[at];
        if (const auto* error = std::get_if<ssh::Error>(&result)) {
          const bool interrupted =
              work.cancelled && work.cancelled() && error->error_class() == ssh::ErrorClass::timed_out;
          work.failed(i, interrupted ? Failure{FailureClass::interrupted, "not begun: interrupted", ""}
                                     : to_failure(*error, hosts[i]->name));
          return;
        }
        work.answered(i, {std::move(std::get<ssh::Settings>(found[i])),
                          std::move(std::get<ssh::Dialed>(result).stream),
                          requests[at].deadline - std::chrono::steady_clock::now()});
      },
      work.cancelled);
}

} // namespace controller
