#include "controller/trust.hpp"

#include "controller/dialing.hpp"
#include "controller/host_link.hpp"
#include "ssh/host_keys.hpp"
#include "ssh/jumps.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace controller {

struct ShownKey::Data {
  const config::Host* host = nullptr;
  ssh::Settings settings;
  ssh::HostKey key;
  ssh::KeyVerdict verdict;
};

ShownKey::Standing ShownKey::standing() const {
  switch (data_->verdict.standing) {
  case ssh::KeyStanding::known: return Standing::known;
  case ssh::KeyStanding::unknown: return Standing::unknown;
  case ssh::KeyStanding::changed: return Standing::changed;
  case ssh::KeyStanding::revoked: return Standing::revoked;
  }
  return Standing::revoked;
}

std::string ShownKey::type() const {
  return data_->key.type;
}
std::string ShownKey::fingerprint() const {
  return data_->key.fingerprint;
}
std::string ShownKey::where() const {
  return data_->verdict.where;
}

std::string ShownKey::trust(bool replace) const {
  try {
    return ssh::trust_host_key(data_->settings, data_->key, replace);
  } catch (const ssh::Error& error) {
    throw HostError(to_failure(error, data_->host->name));
  } catch (const std::system_error& error) {
    throw HostError({FailureClass::settings, error.what(), "may known_hosts be written?"});
  }
}

namespace {

constexpr std::size_t most_threads = 16;

/// A host or jump host that shows a key; a jump host stands for all ways that begin in the same way.
struct Station {
  ssh::Settings settings;         ///< with the jump hosts before it
  std::vector<std::size_t> hosts; ///< it, or who is behind it; positions
  bool is_jump = false;
  std::optional<ssh::Error> failure = {};
  std::optional<ssh::HostKey> key = {};
};

bool same_hop(const ssh::Settings& one, const ssh::Settings& other) {
  return one.alias == other.alias && one.user == other.user && one.hostname == other.hostname &&
         one.port == other.port && one.proxy_command == other.proxy_command &&
         std::equal(one.jumps.begin(), one.jumps.end(), other.jumps.begin(), other.jumps.end(), same_hop);
}

/// The way as far as its hop number `depth`, which is the host itself where there is none of that number.
ssh::Settings up_to(const ssh::Settings& settings, std::size_t depth) {
  if (depth == settings.jumps.size()) return settings;
  auto hop = settings.jumps[depth];
  hop.jumps.assign(settings.jumps.begin(), settings.jumps.begin() + static_cast<std::ptrdiff_t>(depth));
  return hop;
}

class Walk {
public:
  Walk(std::span<const config::Host* const> hosts, const std::function<bool()>& cancelled,
       const JudgeKey& judge)
      : hosts_(hosts), cancelled_(cancelled), judge_(judge), settings_(hosts.size()),
        failures_(hosts.size()) {}

  void run() {
    find_settings();
    for (std::size_t depth = 0, last = judge_unreachable(); depth <= last; ++depth) {
      auto stations = stations_at(depth);
      fetch_keys(stations);
      for (auto& station : stations)
        judge(station);
      (void)judge_unreachable();
    }
  }

private:
  void find_settings() {
    std::vector<const config::Host*> remote;
    for (const auto* host : hosts_)
      if (!host->is_local()) remote.push_back(host);
    auto found = settings_of(remote);
    auto next = found.begin();
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
      if (hosts_[i]->is_local()) {
        (void)judge_({hosts_[i], {}, {}, {}, {}});
        continue;
      }
      if (const auto* error = std::get_if<ssh::Error>(&*next))
        failures_[i] = to_failure(*error, hosts_[i]->name);
      else
        settings_[i] = std::move(std::get<ssh::Settings>(*next));
      ++next;
    }
  }

  /// Tells of the hosts that can't be reached any more. Returns how far the way to the others goes.
  std::size_t judge_unreachable() {
    std::size_t last = 0;
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
      if (failures_[i]) {
        (void)judge_({hosts_[i], {}, {}, {}, std::exchange(failures_[i], std::nullopt)});
        settings_[i].reset();
      }
      if (settings_[i]) last = std::max(last, settings_[i]->jumps.size());
    }
    return last;
  }

  [[nodiscard]] std::vector<Station> stations_at(std::size_t depth) const {
    std::vector<Station> stations;
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
      if (!settings_[i] || depth > settings_[i]->jumps.size()) continue;
      Station station{up_to(*settings_[i], depth), {i}, depth < settings_[i]->jumps.size()};
      const auto same = std::find_if(stations.begin(), stations.end(), [&](const Station& other) {
        return station.is_jump && other.is_jump && same_hop(other.settings, station.settings);
      });
      if (same == stations.end())
        stations.push_back(std::move(station));
      else
        same->hosts.push_back(i);
    }
    return stations;
  }

  void fetch_keys(std::vector<Station>& stations) const {
    const auto jumps = ssh::Jumps::make();
    std::vector<ssh::DialRequest> requests;
    const auto now = Clock::now();
    for (const auto& station : stations)
      requests.push_back(
          jumps->request(station.settings, now + time_for(*hosts_[station.hosts.front()], station.settings)));
    std::vector<std::pair<std::size_t, ssh::Stream>> answered;
    ssh::dial_all(
        requests,
        [&](std::size_t i, ssh::DialResult result) {
          if (auto* error = std::get_if<ssh::Error>(&result))
            stations[i].failure = std::move(*error);
          else
            answered.emplace_back(i, std::move(std::get<ssh::Dialed>(result).stream));
        },
        cancelled_);
    std::atomic<std::size_t> next = 0;
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < std::min(answered.size(), most_threads); ++i)
      threads.emplace_back([&] {
        for (std::size_t at = next++; at < answered.size(); at = next++)
          fetch_key(stations[answered[at].first], std::move(answered[at].second),
                    requests[answered[at].first].deadline);
      });
  }

  static void fetch_key(Station& station, ssh::Stream stream, Clock::time_point deadline) {
    try {
      station.key = ssh::fetch_host_key(station.settings, std::move(stream), deadline);
    } catch (const ssh::Error& error) {
      station.failure = error;
    } catch (const std::exception& error) {
      station.failure.emplace(ssh::ErrorClass::connect, error.what());
    }
  }

  void judge(Station& station) {
    if (station.failure) return fail(station, *station.failure);
    const auto& host = *hosts_[station.hosts.front()];
    KeyOfHost one{&host, station.is_jump ? station.settings.alias : "", target(station.settings), {}, {}};
    try {
      auto verdict = ssh::judge_host_key(station.settings, *station.key);
      one.key.emplace(std::make_shared<ShownKey::Data>(
          ShownKey::Data{&host, station.settings, std::move(*station.key), std::move(verdict)}));
    } catch (const ssh::Error& error) {
      return fail(station, error);
    }
    const bool trusted = judge_(one);
    if (!station.is_jump)
      settings_[station.hosts.front()].reset();
    else if (!trusted)
      fail(station, {ssh::ErrorClass::host_key, "its key is not trusted", "actorsctl hosts trust"});
  }

  void fail(const Station& station, const ssh::Error& error) {
    const bool name = station.is_jump && error.hop().empty();
    const ssh::Error named(error.error_class(),
                           (name ? "jump host " + station.settings.alias + ": " : "") + error.what(),
                           error.hint(), station.is_jump ? station.settings.alias : error.hop());
    for (const auto i : station.hosts)
      failures_[i] = to_failure(named, hosts_[i]->name);
  }

  static std::string target(const ssh::Settings& settings) {
    const bool bare = settings.hostname.find(':') != std::string::npos;
    const auto host = bare ? "[" + settings.hostname + "]" : settings.hostname;
    return settings.user + "@" + host + ":" + std::to_string(settings.port);
  }

  std::span<const config::Host* const> hosts_;
  const std::function<bool()>& cancelled_;
  const JudgeKey& judge_;
  std::vector<std::optional<ssh::Settings>> settings_; ///< of those whose key is still to be asked for
  std::vector<std::optional<Failure>> failures_;       ///< not told yet
};

} // namespace

void show_keys(std::span<const config::Host* const> hosts, const std::function<bool()>& cancelled,
               const JudgeKey& judge) {
  Walk(hosts, cancelled, judge).run();
}

} // namespace controller
