#include "config/settings.hpp"

#include "config/load.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace config;

namespace {

/// `VALUE SOURCE LINE` of the key, or "" where there is none.
std::string said(const std::string& text, const KeyPath& path) {
  for (const auto& setting : settings(parse(text, "f"), Places(text))) {
    if (setting.path != path) continue;
    const auto* const source = setting.source == Setting::Source::file       ? " file "
                               : setting.source == Setting::Source::defaults ? " defaults "
                                                                             : " built in";
    return setting.value.dump() + source + (setting.place ? std::to_string(setting.place->line) : "");
  }
  return "";
}

} // namespace

TEST_CASE("what nobody says is built in") {
  CHECK(said("{}", {"settle_s"}) == "3.0 built in");
  CHECK(said("{}", {"registry_endpoint"}) == R"(["tcp://127.0.0.1:5555"] built in)");
  CHECK(said("{}", {"registry_connect"}) == "null built in");
  CHECK(said("{}", {"forget_offline_after_s"}) == R"("off" built in)");
  CHECK(said("{}", {"data_dir"}) == R"("/var/lib/actors" built in)");
  CHECK(said("{}", {"limits", "names"}) == "null built in");
}

TEST_CASE("what the file says has its line, and the form in which it is in force") {
  CHECK(said("{\n\"settle_s\": 0}", {"settle_s"}) == "0.0 file 2");
  CHECK(said(R"({"metrics_endpoint": "9090"})", {"metrics_endpoint"}) == R"("127.0.0.1:9090" file 1)");
  CHECK(said(R"({"events_endpoint": "off"})", {"events_endpoint"}) == R"("off" file 1)");
  CHECK(said(R"({"data_dir": ""})", {"data_dir"}) == R"("" file 1)");
  CHECK(said("{\"limits\":\n{\"names\": 7}}", {"limits", "names"}) == "7 file 2");
}

TEST_CASE("a host says it itself, or defaults do for all") {
  const std::string text = R"({"hosts": {
    "a": {"privilege": "none"},
    "b": {}},
    "defaults": {"privilege": "sudo",
      "ssh": "gate"}})";
  CHECK(said(text, {"hosts", "a", "privilege"}) == R"("none" file 2)");
  CHECK(said(text, {"hosts", "b", "privilege"}) == R"("sudo" defaults 4)");
  CHECK(said(text, {"hosts", "a", "ssh"}) == R"("gate" defaults 5)");
  CHECK(said(text, {"hosts", "a", "known_hosts"}) == "null built in");
  CHECK(said(text, {"hosts", "a", "command_timeout_s"}) == "30.0 built in");
  CHECK(said(text, {"defaults", "ssh"}).empty());
}

TEST_CASE("of a manager stands what is said and what has a default") {
  const std::string text = R"({"hosts": {"a.b": {"managers": {
    "M": {"service": "m", "language": "C++", "after": ["N"],
      "restart_on_timeout": {"per_hour": 2}},
    "N": {"service": "n"}}}}})";
  const auto of = [&](const char* manager, const std::string& key) {
    return said(text, {"hosts", "a.b", "managers", manager, key});
  };
  CHECK(of("M", "service") == R"("m" file 2)");
  CHECK(of("M", "language") == R"("C++" file 2)");
  CHECK(of("M", "after") == R"(["N"] file 2)");
  CHECK(of("N", "language").empty());
  CHECK(of("N", "heartbeats") == "true built in");
  CHECK(of("N", "restart_on_timeout") == "false built in");
  CHECK(of("M", "restart_on_timeout").empty());
  const KeyPath restart{"hosts", "a.b", "managers", "M", "restart_on_timeout"};
  auto path = restart;
  path.emplace_back("per_hour");
  CHECK(said(text, path) == "2 file 3");
  path.back() = "delay_s";
  CHECK(said(text, path) == "5.0 built in");
}

TEST_CASE("of an environment the names alone are told") {
  const std::string text = R"({"hosts": {"h": {"deploy_ssh": "root@", "managers": {
    "M": {"service": "m", "exec": ["/usr/bin/m", "-v"], "user": "m", "environment": {"TOKEN": "secret", "B": ""},
      "resources": {"nice": 5}},
    "N": {"service": "n"}}}}})";
  const auto of = [&](const char* manager, const std::string& key) {
    return said(text, {"hosts", "h", "managers", manager, key});
  };
  CHECK(said(text, {"hosts", "h", "deploy_ssh"}) == R"("root@" file 1)");
  CHECK(of("M", "exec") == R"(["/usr/bin/m","-v"] file 2)");
  CHECK(of("M", "user") == R"("m" file 2)");
  CHECK(of("M", "environment") == R"(["TOKEN","B"] file 2)");
  CHECK(said(text, {"hosts", "h", "managers", "M", "resources", "nice"}) == "5 file 3");
  CHECK(of("M", "resources").empty());
  for (const auto* const key : {"exec", "user", "environment"})
    CHECK(of("N", key).empty());
  for (const auto& setting : settings(parse(text, "f"), Places(text)))
    CHECK(setting.value.dump().find("secret") == std::string::npos);
}
