#include "controller/trust.hpp"

#include "controller/dialing.hpp"
#include "controller/host_link.hpp"
#include "ssh/host_keys.hpp"

#include <system_error>
#include <utility>

namespace controller {

struct ShownKey::Data {
  std::string host_name;
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
    throw HostError(to_failure(error, data_->host_name));
  } catch (const std::system_error& error) {
    throw HostError({FailureClass::settings, error.what(), ""});
  }
}

std::vector<KeyOfHost> shown_keys(std::span<const config::Host* const> hosts,
                                  const std::function<bool()>& cancelled) {
  std::vector<KeyOfHost> keys(hosts.size());
  std::vector<const config::Host*> remote;
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    keys[i].host = hosts[i];
    if (hosts[i]->is_local()) continue;
    remote.push_back(hosts[i]);
    indices.push_back(i);
  }
  std::vector<std::pair<std::size_t, Answered>> answered;
  dial_hosts(remote,
             {[&](std::size_t at, Answered one) { answered.emplace_back(indices[at], std::move(one)); },
              [&](std::size_t at, const Failure& failure) { keys[indices[at]].failure = failure; },
              cancelled});
  for (auto& [index, one] : answered) {
    try {
      auto data = std::make_shared<ShownKey::Data>();
      data->host_name = hosts[index]->name;
      data->key = ssh::fetch_host_key(one.settings, std::move(one.stream), Clock::now() + one.time_left);
      data->verdict = ssh::judge_host_key(one.settings, data->key);
      data->settings = std::move(one.settings);
      keys[index].key.emplace(std::move(data));
    } catch (const ssh::Error& error) {
      keys[index].failure = to_failure(error, hosts[index]->name);
    }
  }
  return keys;
}

} // namespace controller
