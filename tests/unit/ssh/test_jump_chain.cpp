#include "ssh/jump_chain.hpp"

#include <doctest/doctest.h>

#include <map>

using ssh::Error;
using ssh::ErrorClass;
using ssh::Settings;
using ssh::SettingsQuery;

namespace {

/// Answers like an ssh_config that says only what ProxyJump each host has, and counts.
class Config {
public:
  std::map<std::string, std::string> jumps;
  std::size_t rounds = 0, asked = 0;

  std::vector<std::variant<Settings, Error>> operator()(std::span<const SettingsQuery> queries) {
    ++rounds;
    std::vector<std::variant<Settings, Error>> answers;
    for (const auto& query : queries) {
      ++asked;
      if (query.target.host == "bad") {
        answers.emplace_back(Error(ErrorClass::settings, "BindAddress can't be honoured"));
        continue;
      }
      Settings settings;
      settings.alias = query.target.host;
      if (!query.through_a_jump) settings.proxy_jump = jumps[query.target.host];
      answers.emplace_back(settings);
    }
    return answers;
  }
};

std::variant<Settings, Error> of(Config& config, const std::string& proxy_jump) {
  Settings settings;
  settings.proxy_jump = proxy_jump;
  std::vector<std::variant<Settings, Error>> all{settings};
  ssh::add_jumps(all, std::ref(config));
  return all.front();
}

std::string way(Config& config, const std::string& proxy_jump) {
  const auto result = of(config, proxy_jump);
  if (const auto* error = std::get_if<Error>(&result)) return error->what();
  std::string text;
  for (const auto& hop : std::get<Settings>(result).jumps)
    text += hop.alias + " ";
  return text;
}

} // namespace

TEST_CASE("the hops of a ProxyJump keep user and port, and the order of the way") {
  const auto hops = ssh::parse_jumps("me@one:2022,ssh://you@two:23/,[::1]:24");
  REQUIRE(hops.size() == 3);
  CHECK(hops[0].target.user == "me");
  CHECK(hops[0].target.port == 2022);
  CHECK_FALSE(hops[0].through_a_jump);
  CHECK(hops[1].target.user == "you");
  CHECK(hops[1].target.host == "two");
  CHECK(hops[1].target.port == 23);
  CHECK(hops[1].through_a_jump);
  CHECK(hops[2].target.host == "::1");
  CHECK_THROWS_AS(ssh::parse_jumps("one,,two"), Error);
  CHECK_THROWS_AS(ssh::parse_jumps("-oProxyCommand=x"), Error);
}

TEST_CASE("the first hop's own ssh_config leads to it, the others' does not count") {
  Config config;
  config.jumps = {{"one", "zero"}, {"two", "elsewhere"}};
  CHECK(way(config, "one,two") == "zero one two ");
  CHECK(config.rounds == 2);
}

TEST_CASE("a jump host that leads to itself is refused, and one that can't be used is named") {
  Config config;
  config.jumps = {{"one", "two"}, {"two", "one"}};
  CHECK(way(config, "one") == "more than 8 jump hosts");
  CHECK(way(config, "three,bad") == "jump host bad: BindAddress can't be honoured");
  CHECK(std::get<Error>(of(config, "three,bad")).hop() == "bad");
}

TEST_CASE("hosts behind one jump host ask for its settings once") {
  Config config;
  Settings settings;
  settings.proxy_jump = "gate";
  std::vector<std::variant<Settings, Error>> all(50, settings);
  ssh::add_jumps(all, std::ref(config));
  CHECK(config.asked == 1);
  for (const auto& each : all)
    CHECK(std::get<Settings>(each).jumps.size() == 1);
}
