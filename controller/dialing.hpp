#pragma once

#include "config/config.hpp"
#include "controller/failure.hpp"
#include "ssh/dial.hpp"
#include "ssh/settings.hpp"

#include <chrono>
#include <functional>
#include <span>
#include <variant>
#include <vector>

namespace controller {

using SettingsOrError = std::variant<ssh::Settings, ssh::Error>;

/// The settings in force of all these hosts (none of them local), in order. Asks for the passphrases of
/// their keys.
std::vector<SettingsOrError> settings_of(std::span<const config::Host* const> hosts);

/// How long one may take from its name to being authenticated: `connect_timeout_s` of the configuration, else
/// ConnectTimeout of ssh_config, else 10 s.
std::chrono::steady_clock::duration time_for(const config::Host& host, const ssh::Settings& settings);

/// A host that said `SSH-`: its settings, socket, and how much of its connect timeout is left for
/// authentication (counted from when somebody takes it up: waiting for a place in our own pool is not the
/// host's fault).
struct Answered {
  ssh::Settings settings;
  ssh::Stream stream;
  std::chrono::steady_clock::duration time_left;
};

/// Finds out the settings of all these hosts and dials them in one loop. Each host's result comes once, on
/// the calling thread, as soon as it is known.
struct DialWork {
  std::function<void(std::size_t index, Answered answered)> answered;
  std::function<void(std::size_t index, const Failure& failure)> failed;
  std::function<bool()> cancelled;
};
void dial_hosts(std::span<const config::Host* const> hosts, const DialWork& work);

} // namespace controller
