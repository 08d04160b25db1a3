#include "cli/serve_options.hpp"

#include <doctest/doctest.h>

namespace cli {
namespace {

using Lines = std::vector<std::string>;
using namespace std::chrono_literals;

} // namespace

TEST_CASE("the configuration's defaults are the registry's own") {
  const auto given = server_settings(config::Config());
  const registry_core::ServerSettings own;
  CHECK(given.heartbeat_timeout == own.heartbeat_timeout);
  CHECK(given.check_interval == own.check_interval);
  CHECK(given.takeover == own.takeover);
  CHECK(given.forget_offline_after == own.forget_offline_after);
  CHECK(given.mass_timeout_guard == own.mass_timeout_guard);
  CHECK(given.guard_max == own.guard_max);
  CHECK(given.limits.message_bytes == own.limits.message_bytes);
  CHECK(given.limits.names == own.limits.names);
  CHECK(given.limits.managers == own.limits.managers);
  CHECK(given.limits.actors_per_manager == own.limits.actors_per_manager);
  CHECK(given.limits.peer_queue == own.limits.peer_queue);
  CHECK(given.limits.push_connections == own.limits.push_connections);
  CHECK(given.limits.connections == own.limits.connections);
  CHECK(given.limits.peer_connections == own.limits.peer_connections);
  CHECK(given.limits.peer_messages_s == own.limits.peer_messages_s);
}

TEST_CASE("every key of the configuration reaches the registry") {
  config::Config config;
  config.registry_connect = {"tcp://r:5555"};
  config.heartbeat_timeout_s = 1.5;
  config.heartbeat_check_interval_s = 0.25;
  config.takeover = config::Takeover::never;
  config.forget_offline_after_s = 60;
  config.mass_timeout_guard = 0.5;
  config.guard_max_s = 7;
  config.limits = {2048, 5, 4, 3, 20, 2, 500, 10, 20'000};
  config.reply_networks = {"10.0.0.0/8"};
  config.warnings = {"w"};
  config.not_in_force = {"f:1:1: k"};
  const auto settings = server_settings(config);
  CHECK(settings.connect_endpoints == Lines{"tcp://r:5555"});
  CHECK(settings.heartbeat_timeout == 1500ms);
  CHECK(settings.check_interval == 250ms);
  CHECK(settings.takeover == registry_core::Takeover::never);
  CHECK(settings.forget_offline_after == 60s);
  CHECK(settings.mass_timeout_guard == 0.5);
  CHECK(settings.guard_max == 7s);
  CHECK(settings.limits.message_bytes == 2048);
  CHECK(settings.limits.names == 5);
  CHECK(settings.limits.managers == 4);
  CHECK(settings.limits.actors_per_manager == 3);
  CHECK(settings.limits.peer_queue == 20);
  CHECK(settings.limits.push_connections == 2);
  CHECK(settings.limits.connections == 500);
  CHECK(settings.limits.peer_connections == 10);
  CHECK(settings.limits.peer_messages_s == 20'000);
  CHECK(settings.reply_networks == Lines{"10.0.0.0/8"});
  CHECK(settings.warnings == Lines{"w", "f:1:1: k: not in force in this version"});
}

TEST_CASE("the command line wins over the configuration") {
  config::Config config;
  config.registry_endpoint = {"tcp://127.0.0.1:1"};
  config.data_dir = "/from/file";
  config.durability = config::Durability::full;
  const auto by_file = server_options(config, {});
  CHECK(by_file.endpoints == Lines{"tcp://127.0.0.1:1"});
  REQUIRE(by_file.store);
  CHECK(by_file.store->data_dir == "/from/file");
  CHECK(by_file.store->full_durability);

  const auto by_command = server_options(config, {{"tcp://127.0.0.1:2"}, "/from/command", false});
  CHECK(by_command.endpoints == Lines{"tcp://127.0.0.1:2"});
  REQUIRE(by_command.store);
  CHECK(by_command.store->data_dir == "/from/command");

  CHECK_FALSE(server_options(config, {{}, "", true}).store);
  config.data_dir.clear();
  CHECK_FALSE(server_options(config, {}).store);
}

TEST_CASE("a reload says what holds now, with what held before") {
  config::Config before;
  config::Config after;
  CHECK(changes_in_force(before, after).empty());
  after.heartbeat_timeout_s = 1.5;
  after.takeover = config::Takeover::never;
  after.mass_timeout_guard = 0.5;
  after.reply_networks = {"10.0.0.0/8", "::1"};
  after.limits.names = 5;
  CHECK(changes_in_force(before, after) ==
        Lines{"heartbeat_timeout_s: 6 -> 1.5", "takeover: offline -> never", "mass_timeout_guard: off -> 0.5",
              "reply_networks: none -> 10.0.0.0/8, ::1", "limits.names: 2000000 -> 5"});
  CHECK(changes_for_restart(before, after, {}).empty());
}

TEST_CASE("a reload names what takes a restart") {
  config::Config before;
  config::Config after;
  after.registry_endpoint = {"tcp://127.0.0.1:2"};
  after.actor_endpoint = "tcp://127.0.0.1:3";
  after.events_endpoint = "tcp://127.0.0.1:4";
  after.metrics_endpoint = "127.0.0.1:5";
  after.data_dir = "/x";
  after.durability = config::Durability::full;
  after.limits.peer_queue = 20;
  CHECK(changes_for_restart(before, after, {}) == Lines{"registry_endpoint", "actor_endpoint",
                                                        "events_endpoint", "metrics_endpoint", "data_dir",
                                                        "durability", "limits.peer_queue"});
  CHECK(changes_in_force(before, after).empty());
  // What the command line overrules has no effect, with a restart or without.
  const ServeCommand command{{"tcp://127.0.0.1:9"}, "", true};
  CHECK(changes_for_restart(before, after, command) ==
        Lines{"actor_endpoint", "events_endpoint", "metrics_endpoint", "limits.peer_queue"});
}

TEST_CASE("the registry is told which endpoints have CURVE and whom they allow, and warned of those that are "
          "open") {
  config::Config config;
  config.registry_endpoint = {"tcp://0.0.0.0:1", "tcp://127.0.0.1:2"};
  config.events_endpoint = "tcp://0.0.0.0:3";
  config.security.curve_endpoints = {"tcp://0.0.0.0:1"};
  config.security.allow = {{"tcp://127.0.0.1:2", {"127.0.0.0/8"}}};
  auto options = server_options(config, {});
  CHECK(options.curve_endpoints == Lines{"tcp://0.0.0.0:1"});
  REQUIRE(options.settings.allow.size() == 1);
  CHECK(options.settings.allow[0].endpoint == "tcp://127.0.0.1:2");
  CHECK(options.settings.allow[0].networks == Lines{"127.0.0.0/8"});
  CHECK(options.settings.warnings == Lines{config::why_exposed("tcp://0.0.0.0:3")});
  options = server_options(config, {{"tcp://0.0.0.0:9"}, "", false});
  CHECK(options.curve_endpoints.empty());
  CHECK(options.settings.warnings.at(0) == config::why_exposed("tcp://0.0.0.0:9"));
  config.security.curve_everywhere = true;
  CHECK(server_options(config, {}).curve_endpoints == Lines{"tcp://0.0.0.0:1", "tcp://0.0.0.0:3"});
}

TEST_CASE("whom the registry trusts and from where changes at once, its own key with a restart") {
  config::Config before;
  auto after = before;
  after.security.allow = {{"tcp://127.0.0.1:5555", {"10.0.0.0/8", "::1"}}};
  after.security.clients_file = "/c";
  after.limits.connections = 5;
  CHECK(changes_in_force(before, after) ==
        Lines{"limits.connections: no limit -> 5",
              "security.allow: none -> tcp://127.0.0.1:5555 for 10.0.0.0/8, ::1",
              "security.curve.clients_file: none -> /c"});
  CHECK(changes_for_restart(before, after, {}).empty());
  after.security.key_file = "/k";
  after.security.curve_everywhere = true;
  CHECK(changes_for_restart(before, after, {}) ==
        Lines{"security.curve.endpoints", "security.curve.key_file"});
  const auto now = with_what_runs(after, before);
  CHECK(now.security.allow == after.security.allow);
  CHECK(now.security.key_file.empty());
  CHECK_FALSE(now.security.curve_everywhere);
}

TEST_CASE("a default that is written down is no change") {
  config::Config after;
  after.limits = {65536, 2'000'000, 200'000, 100'000, 1000, 256, SIZE_MAX, 64, 200'000};
  CHECK(changes_in_force({}, after).empty());
  CHECK(changes_for_restart({}, after, {}).empty());
}

TEST_CASE("what takes a restart stays as it runs, and the next reload names it again") {
  config::Config running;
  config::Config read;
  read.path = "f";
  read.heartbeat_timeout_s = 2;
  read.registry_endpoint = {"tcp://127.0.0.1:2"};
  read.actor_endpoint = "tcp://127.0.0.1:3";
  read.events_endpoint = "tcp://127.0.0.1:4";
  read.metrics_endpoint = "127.0.0.1:5";
  read.data_dir = "/x";
  read.durability = config::Durability::full;
  read.limits.names = 5;
  read.limits.peer_queue = 20;
  const auto now = with_what_runs(read, running);
  CHECK(now.path == "f");
  CHECK(server_settings(now).heartbeat_timeout == 2s);
  CHECK(server_settings(now).limits.names == 5);
  CHECK(server_settings(now).limits.peer_queue == 1000);
  CHECK(changes_for_restart(running, now, {}).empty());
  CHECK(changes_in_force(now, read).empty());
  CHECK(changes_for_restart(now, read, {}) == changes_for_restart(running, read, {}));
}

} // namespace cli
