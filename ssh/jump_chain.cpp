#include "ssh/jump_chain.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <stdexcept>
#include <string>

namespace ssh {

namespace {

constexpr std::size_t longest_way = 8;

Error at_hop(const SettingsQuery& hop, const Error& error) {
  const auto& name = hop.target.host;
  return {error.error_class(), "jump host " + name + ": " + error.what(), error.hint(), name};
}

/// Puts the hops before those that are known already; what is left to look up is the first one's own way.
void prepend(Settings& settings, std::vector<Settings> hops) {
  settings.proxy_jump = std::exchange(hops.front().proxy_jump, {});
  hops.insert(hops.end(), std::make_move_iterator(settings.jumps.begin()),
              std::make_move_iterator(settings.jumps.end()));
  settings.jumps = std::move(hops);
}

/// The hops that one host's settings name now, or why not.
std::variant<std::vector<SettingsQuery>, Error> next_hops(const Settings& settings) {
  try {
    auto hops = parse_jumps(settings.proxy_jump);
    if (settings.jumps.size() + hops.size() <= longest_way) return hops;
    return Error(ErrorClass::settings, "more than " + std::to_string(longest_way) + " jump hosts",
                 "does a jump host lead to itself (ProxyJump in ssh_config)?");
  } catch (const Error& error) {
    return error;
  }
}

/// Each question once, though many hosts share a jump host.
class Questions {
public:
  std::size_t add(const SettingsQuery& query) {
    const auto same = [&](const SettingsQuery& other) {
      return other.target.host == query.target.host && other.target.user == query.target.user &&
             other.target.port == query.target.port && other.through_a_jump == query.through_a_jump;
    };
    const auto found = std::find_if(queries_.begin(), queries_.end(), same);
    if (found != queries_.end()) return static_cast<std::size_t>(found - queries_.begin());
    queries_.push_back(query);
    return queries_.size() - 1;
  }
  [[nodiscard]] const std::vector<SettingsQuery>& all() const { return queries_; }

private:
  std::vector<SettingsQuery> queries_;
};

struct Way {
  std::size_t host;
  std::vector<std::size_t> hops; ///< among the questions
};

} // namespace

std::vector<SettingsQuery> parse_jumps(std::string_view text) {
  std::vector<SettingsQuery> hops;
  for (bool more = true; more;) {
    const auto end = std::min(text.find(','), text.size());
    const auto hop = text.substr(0, end);
    try {
      hops.push_back({parse_jump_host(hop), {}, !hops.empty()});
    } catch (const std::invalid_argument& error) {
      throw Error(ErrorClass::settings, "jump host \"" + std::string(hop) + "\": " + error.what());
    }
    more = end < text.size();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return hops;
}

void add_jumps(std::vector<std::variant<Settings, Error>>& all, const AskSettings& ask) {
  for (;;) {
    Questions questions;
    std::vector<Way> ways;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto* settings = std::get_if<Settings>(&all[i]);
      if (settings == nullptr || settings->proxy_jump.empty()) continue;
      const auto hops = next_hops(*settings);
      if (const auto* error = std::get_if<Error>(&hops)) {
        all[i] = *error;
        continue;
      }
      ways.push_back({i, {}});
      for (const auto& hop : std::get<std::vector<SettingsQuery>>(hops))
        ways.back().hops.push_back(questions.add(hop));
    }
    if (ways.empty()) return;
    const auto answers = ask(questions.all());
    for (const auto& way : ways) {
      std::vector<Settings> hops;
      for (const auto at : way.hops) {
        if (const auto* error = std::get_if<Error>(&answers[at])) {
          all[way.host] = at_hop(questions.all()[at], *error);
          break;
        }
        hops.push_back(std::get<Settings>(answers[at]));
      }
      if (auto* settings = std::get_if<Settings>(&all[way.host])) prepend(*settings, std::move(hops));
    }
  }
}

} // namespace ssh
