#include "controller/dialing.hpp"

#include "controller/host_link.hpp"
#include "controller/passphrases.hpp"
#include "ssh/jumps.hpp"
#include "ssh/target.hpp"
#include "ssh/unlocked_keys.hpp"

#include <utility>
#include <variant>
#include <vector>

namespace controller {
namespace {

/// Before anybody's time runs.
void unlock(std::vector<SettingsOrError>& all) {
  const auto keys = unlocked_keys();
  if (!keys) return;
  std::vector<const ssh::Settings*> hosts;
  for (auto& one : all) {
    auto* settings = std::get_if<ssh::Settings>(&one);
    if (settings == nullptr) continue;
    hosts.push_back(settings);
    settings->unlocked_keys = keys;
    for (auto& hop : settings->jumps)
      hop.unlocked_keys = keys;
  }
  keys->unlock(hosts);
}

} // namespace

std::vector<SettingsOrError> settings_of(std::span<const config::Host* const> hosts) {
  std::vector<ssh::SettingsQuery> queries;
  for (const auto* host : hosts)
    queries.push_back(
        {ssh::parse_target(host->ssh), {host->identity_file, host->known_hosts, host->proxy_jump}});
  auto settings = ssh::effective_settings(queries);
  unlock(settings);
  return settings;
}

std::chrono::steady_clock::duration time_for(const config::Host& host, const ssh::Settings& settings) {
  constexpr std::chrono::seconds otherwise{10};
  if (!host.connect_timeout_s) return settings.connect_timeout.value_or(otherwise);
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(*host.connect_timeout_s));
}

void dial_hosts(std::span<const config::Host* const> hosts, const DialWork& work) {
  auto found = settings_of(hosts);
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
    indices.push_back(i);
    requests.push_back(jumps->request(settings, now + time_for(*hosts[i], settings)));
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
