#pragma once

#include "ssh/error.hpp"
#include "ssh/settings.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ssh {

/// Expands `~`, `${NAME}` and ssh_config(5)'s TOKENS in the paths of keys, agent and known_hosts, in place,
/// as far as `ssh -G` has left them. A token that we don't know is the Error (class settings).
std::optional<Error> expand_paths(Settings& settings);

/// A ProxyCommand with ssh_config(5)'s TOKENS expanded, for a shell. \throws Error (class settings) at a
/// token that we don't know, and at a host or user whose name the shell would not take as it is.
std::string expand_command(std::string_view command, const Settings& settings);

/// The name of the user who runs this, from the password database; empty where it knows none.
std::string current_user();

} // namespace ssh
