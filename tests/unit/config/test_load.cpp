#include "config/load.hpp"

#include "tests/unit/config/read_text.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

using namespace config;
using test::checks;
using test::faults;
using test::with_manager;

namespace {

/// A host's members.
std::string with_host(const std::string& members) {
  return R"({"hosts": {"h": {)" + members + "}}}";
}

} // namespace

TEST_CASE("the example file loads without a fault and without a warning") {
  const auto config = load(EXAMPLE_FILE, checks);
  CHECK(config.path == EXAMPLE_FILE);
  CHECK(config.warnings.empty());
  CHECK(config.exposed.size() == 1); // it is open to the network, and says so
  CHECK(config.not_in_force.empty());
  CHECK(config.registry_endpoint == std::vector<std::string>{"tcp://0.0.0.0:5555"});
  CHECK(config.registry_connect.size() == 1);
  REQUIRE(config.hosts.size() == 3);
  CHECK(config.hosts[0].is_local());
  CHECK_FALSE(config.hosts[1].is_local());
  REQUIRE(config.find_manager("OrderProcessor") != nullptr);
  CHECK(config.find_manager("OrderProcessor")->service == "order-processor.service");
  CHECK(config.find_manager("OrderProcessor")->host == "server1");
  CHECK(config.find_manager("RiskChecker")->after ==
        std::vector<std::string>{"MarketData", "OrderProcessor"});
  CHECK(config.find_manager("nobody") == nullptr);
  CHECK(config.find_host("server2") == &config.hosts[2]);
  CHECK(config.find_host("server3") == nullptr);
}

TEST_CASE("an empty object is the defaults") {
  const auto config = parse("{}", "f");
  CHECK(config.registry_endpoint == std::vector<std::string>{"tcp://127.0.0.1:5555"});
  CHECK(config.registry_connect.empty());
  CHECK(config.heartbeat_timeout_s == 6.0);
  CHECK(config.heartbeat_check_interval_s == 1.0);
  CHECK(config.takeover == Takeover::offline);
  CHECK_FALSE(config.forget_offline_after_s);
  CHECK(config.settle_s == 3);
  CHECK(config.hosts.empty());
  CHECK(config.security == Security());
}

TEST_CASE("every value arrives") {
  const auto config = parse(R"({"$schema": "x", "registry_endpoint": ["tcp://127.0.0.1:1", "ipc:///r"],
    "heartbeat_timeout_s": 2.5, "heartbeat_check_interval_s": 0.5, "takeover": "never", "forget_offline_after_s": 60,
    "settle_s": 0, "hosts": {"b": {"ssh": "u@h:22", "identity_file": "~/k", "known_hosts": "/kh", "proxy_jump": "a,ssh://u@b:2/",
      "connect_timeout_s": 1.5, "command_timeout_s": 7, "privilege": "sudo", "managers": {
        "N": {"service": "n.service", "language": "Rust", "description": "x y", "heartbeats": false, "after": ["M"]},
        "M": {"service": "m"}}},
      "a": {"ssh": "local"}}})",
                            "f", checks);
  CHECK(config.registry_endpoint.size() == 2);
  CHECK(config.heartbeat_timeout_s == 2.5);
  CHECK(config.heartbeat_check_interval_s == 0.5);
  CHECK(config.takeover == Takeover::never);
  CHECK(config.forget_offline_after_s == 60);
  CHECK(config.settle_s == 0);
  REQUIRE(config.hosts.size() == 2);
  const auto& host = config.hosts[0];
  CHECK(host.name == "b");
  CHECK(host.ssh == "u@h:22");
  CHECK(host.identity_file == "~/k");
  CHECK(host.known_hosts == "/kh");
  CHECK(host.proxy_jump == "a,ssh://u@b:2/");
  CHECK(host.connect_timeout_s == 1.5);
  CHECK(host.command_timeout_s == 7);
  CHECK(host.privilege == Privilege::sudo);
  REQUIRE(host.managers.size() == 2);
  const auto& manager = host.managers[0];
  CHECK(manager.id == "N");
  CHECK(manager.host == "b");
  CHECK(manager.service == "n.service");
  CHECK(manager.language == "Rust");
  CHECK(manager.description == "x y");
  CHECK_FALSE(manager.heartbeats);
  CHECK(manager.after == std::vector<std::string>{"M"});
  CHECK(config.hosts[1].is_local());
  CHECK(config.not_in_force.empty());
}

TEST_CASE("defaults hold for all hosts, wherever they stand, and a host's own keys win") {
  const auto config = parse(R"({"hosts": {"a": {}, "b": {"privilege": "none"}},
    "defaults": {"privilege": "sudo", "connect_timeout_s": 2, "identity_file": "k"}})",
                            "f", checks);
  CHECK(config.hosts[0].privilege == Privilege::sudo);
  CHECK(config.hosts[0].connect_timeout_s == 2);
  CHECK(config.hosts[0].name == "a");
  CHECK(config.hosts[1].privilege == Privilege::none);
  CHECK(config.hosts[1].identity_file == "k");
  CHECK(faults(R"({"defaults": {"managers": {}, "privelege": "x"}})") ==
        "f:1:15: defaults.managers: unknown key 'managers'\n"
        "f:1:31: defaults.privelege: unknown key 'privelege', did you mean 'privilege'?");
}

TEST_CASE("every fault is reported, in the order of the file") {
  CHECK(faults(
            "{\n  \"heartbeet_timeout_s\": 5, // comment\n  \"settle_s\": \"a\",\n  \"takeover\": \"nevr\",\n"
            "  \"settle_s\": 1,\n  \"hosts\": {\"h\": {\"managers\": {\"M\": {\"service\": \"a b\"}, \"N\": "
            "{}}}}\n}") ==
        "f:2:3: heartbeet_timeout_s: unknown key 'heartbeet_timeout_s', did you mean 'heartbeat_timeout_s'?\n"
        "f:3:15: settle_s: expected a number of seconds from 0 to 1e9, found a string\n"
        "f:4:15: takeover: expected one of 'offline', 'never', found 'nevr', did you mean 'never'?\n"
        "f:5:3: settle_s: stands twice, first in line 3\n"
        "f:6:49: hosts.h.managers.M.service: not a service's unit name: it has a space, allowed are "
        "letters, digits "
        "and any of : - _ . \\ @\n"
        "f:6:57: hosts.h.managers.N: has no 'service'");
}

TEST_CASE("the fault's parts") {
  try {
    parse("{\"x\\u001b\": 1}", "file", checks);
    FAIL("no fault");
  } catch (const Error& error) {
    CHECK(error.path() == "file");
    REQUIRE(error.faults().size() == 1);
    CHECK(error.faults()[0].line == 1);
    CHECK(error.faults()[0].column == 2);
    CHECK(error.faults()[0].key == "x\\x1b");
    CHECK(to_string("file", error.faults()[0]) == "file:1:2: x\\x1b: unknown key 'x\\x1b'");
  }
  CHECK(faults("[1") == "f:1:3: not valid JSON: unexpected end of input; expected ']'");
  CHECK(faults("[]") == "f:1:1: expected an object, found a list");
  CHECK(faults("\xef\xbb\xbf{\"x\": 1}") == "f:1:2: x: unknown key 'x'");
}

TEST_CASE("values out of their range or kind are faults") {
  for (const std::string text : {R"({"heartbeat_timeout_s": 0})",
                                 R"({"heartbeat_timeout_s": -1})",
                                 R"({"heartbeat_timeout_s": 1e300})",
                                 R"({"heartbeat_timeout_s": null})",
                                 R"({"heartbeat_timeout_s": "6"})",
                                 R"({"forget_offline_after_s": false})",
                                 R"({"settle_s": -0.1})",
                                 R"({"takeover": 1})",
                                 R"({"registry_endpoint": []})",
                                 R"({"registry_endpoint": {"a": 1}})",
                                 R"({"registry_endpoint": ["tcp://a:1", 5]})",
                                 R"({"registry_endpoint": ["tcp://a:1", "tcp://a:1"]})",
                                 R"({"registry_connect": "tcp://*:5555"})",
                                 R"({"actor_endpoint": "x"})",
                                 R"({"data_dir": "relative"})",
                                 R"({"durability": "none"})",
                                 R"({"mass_timeout_guard": 2})",
                                 R"({"guard_max_s": 0})",
                                 R"({"limits": []})",
                                 R"({"limits": {"a": "b"}})",
                                 R"({"security": true})",
                                 R"({"reply_networks": ["10.0.0.0/99"]})",
                                 R"({"reply_networks": "10.0.0.0/8"})",
                                 R"({"hosts": []})",
                                 R"({"hosts": {"": {}}})",
                                 R"({"hosts": {"a/b": {}}})",
                                 R"({"hosts": {"a*": {}}})",
                                 R"({"hosts": {"a": null}})",
                                 R"({"$schema": 1})"}) {
    CAPTURE(text);
    CHECK(faults(text).starts_with("f:1:"));
  }
  for (const std::string text :
       {R"("ssh": "")", R"("ssh": "-oProxyCommand=x")", R"("ssh": "a b")", R"("ssh": 1)",
        R"("identity_file": "")", R"("known_hosts": "a\nb")", R"("proxy_jump": "a,,b")",
        R"("proxy_jump": "-x")", R"("connect_timeout_s": 0)", R"("command_timeout_s": true)",
        R"("privilege": "root")", R"("deploy_ssh": "-x")", R"("managers": [])",
        R"("managers": {"a/b": {"service": "s"}})", R"("managers": {"M": {"service": "s@"}})",
        R"("managers": {"M": {"service": "s.timer"}})", R"("managers": {"M": {"service": null}})"}) {
    CAPTURE(text);
    CHECK(faults(with_host(text)).starts_with("f:1:"));
  }
  for (const std::string text :
       {R"("language": "\u0007")", R"("description": 1)", R"("heartbeats": 1)", R"("after": "M")",
        R"("after": [1])", R"("restart_on_timeout": true)", R"("restart_on_timeout": {"delay": 1})",
        R"("restart_on_timeout": {"delay_s": -1})", R"("user": "a b")", R"("environment": {"1A": "x"})",
        R"("environment": {"A": 1})", R"("environment": {"A": "a\nb"})", R"("environment": ["A=b"])",
        R"("resources": {"a": {}})", R"("resources": [])", R"("servce": "x")"}) {
    CAPTURE(text);
    CHECK(faults(with_manager(text)).starts_with("f:1:"));
  }
}

TEST_CASE("what the registry is to do arrives") {
  const auto config = parse(R"({"actor_endpoint": "tcp://*:5556", "events_endpoint": "tcp://*:5557",
    "metrics_endpoint": "9100", "data_dir": "/var/lib/x", "durability": "full", "mass_timeout_guard": 0.5,
    "guard_max_s": 30, "reply_networks": ["10.0.0.0/8"], "limits": {"message_bytes": 2048, "names": 5, "managers": 4,
    "actors_per_manager": 3, "peer_queue": 20, "push_connections": 2, "connections": 500, "peer_connections": 10,
    "peer_messages_s": 20000}})",
                            "f");
  CHECK(config.not_in_force.empty());
  CHECK(config.warnings.empty());
  CHECK(config.actor_endpoint == "tcp://*:5556");
  CHECK(config.events_endpoint == "tcp://*:5557");
  CHECK(config.metrics_endpoint == "127.0.0.1:9100");
  CHECK(config.data_dir == "/var/lib/x");
  CHECK(config.durability == Durability::full);
  CHECK(config.mass_timeout_guard == 0.5);
  CHECK(config.guard_max_s == 30);
  CHECK(config.reply_networks == std::vector<std::string>{"10.0.0.0/8"});
  CHECK(config.limits == Limits{2048, 5, 4, 3, 20, 2, 500, 10, 20000});
  CHECK(parse("{}", "f").data_dir == "/var/lib/actors");
  CHECK(parse("{}", "f").limits == Limits{});
}

TEST_CASE("the metrics' address may be written in several ways, and one that others reach is a warning") {
  for (const auto& [text, address] :
       {std::pair("tcp://127.0.0.1:9100", "127.0.0.1:9100"), std::pair(":9100", "127.0.0.1:9100"),
        std::pair("[::1]:9100", "[::1]:9100"), std::pair("localhost:9100", "localhost:9100")}) {
    const auto config = parse(R"({"metrics_endpoint": ")" + std::string(text) + "\"}", "f");
    CHECK(config.metrics_endpoint == address);
    CHECK(config.warnings.empty());
  }
  CHECK(parse(R"({"metrics_endpoint": "0.0.0.0:9100"})", "f").warnings.size() == 1);
  CHECK(faults(R"({"metrics_endpoint": "x:y"})") ==
        "f:1:22: metrics_endpoint: expected HOST:PORT, or a port");
}

TEST_CASE("limits that are none are faults") {
  CHECK(faults(R"({"limits": {"names": 0}})") ==
        "f:1:22: limits.names: expected a whole number from 1 to 1000000000");
  CHECK(faults(R"({"limits": {"names": 1.5}})").find("expected a whole number") != std::string::npos);
  CHECK(faults(R"({"limits": {"message_bytes": 2000000}})").find("from 1024 to 1048576") !=
        std::string::npos);
  CHECK(faults(R"({"limits": {"name": 1}})").find("'names'") != std::string::npos);
}

TEST_CASE("defaults that are written down are in force") {
  const auto config = parse(R"({"actor_endpoint": "off", "events_endpoint": "off", "metrics_endpoint": "off",
    "forget_offline_after_s": "off", "mass_timeout_guard": "off", "guard_max_s": 60, "data_dir": "", "durability": "normal",
    "limits": {}, "security": {}, "reply_networks": [], "defaults": {"deploy_ssh": "auto"},
    "hosts": {"h": {"managers": {"M": {"service": "s", "restart_on_timeout": false, "environment": {}, "resources": {},
    "after": [], "heartbeats": true}}}}})",
                            "f", checks);
  CHECK(config.not_in_force.empty());
  CHECK(config.security == Security());
}

TEST_CASE("load: a file that can't be read, one that never ends, one that is none") {
  CHECK_THROWS_AS(load("/nonexistent/registry.json"), std::system_error);
  CHECK_THROWS_AS(load("/"), std::system_error);
  CHECK_THROWS_WITH_AS(load("/dev/zero"), "/dev/zero:1:1: larger than 16 MiB", Error);
  CHECK_THROWS_AS(load("/dev/null"), Error);
}
