#pragma once

#include "ssh/settings.hpp"

#include <functional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

namespace ssh {

/// The hops of a ProxyJump, `[ssh://][user@]host[:port]` joined by commas, in the order of the way: the way
/// to the first is its own ssh_config's, the others are reached through the one before. \throws Error
/// (settings).
std::vector<SettingsQuery> parse_jumps(std::string_view text);

using AskSettings =
    std::function<std::vector<std::variant<Settings, Error>>(std::span<const SettingsQuery> queries)>;

/// Looks up the jump hosts of all these settings with `ask`, once a round for all, until no first hop has one
/// of its own. A hop that can't be used is the host's Error, which names it; so is a way without end.
void add_jumps(std::vector<std::variant<Settings, Error>>& all, const AskSettings& ask);

} // namespace ssh
