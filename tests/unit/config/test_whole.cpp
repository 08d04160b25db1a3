#include "config/load.hpp"

#include "tests/unit/config/read_text.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace config;
using test::faults;

namespace {

std::string with_managers(const std::string& managers) {
  return R"({"hosts": {"h": {"managers": {)" + managers + "}}}}";
}

} // namespace

TEST_CASE("a manager's id stands once in the file, on whatever host") {
  CHECK(faults(R"({"hosts": {
    "h": {"managers": {"M": {"service": "a"}}},
    "i": {"managers": {"M": {"service": "b"}}}
  }})") == "f:3:24: hosts.i.managers.M: a manager's id is unique in the file, and hosts.h has this one "
           "already (line 2)");
}

TEST_CASE("a service has one manager on a host, and may stand on another host again") {
  CHECK(faults(with_managers(R"("M": {"service": "a"}, "N": {"service": "a"})"))
            .ends_with("hosts.h.managers.N.service: manager 'M' has this service already (line 1)"));
  CHECK(faults(R"({"hosts": {"h": {"managers": {"M": {"service": "a"}}},
                             "i": {"managers": {"N": {"service": "a"}}}}})") == "");
}

TEST_CASE("after: unknown names, with the nearest") {
  CHECK(faults(with_managers(
            R"("Market": {"service": "a"}, "N": {"service": "b", "after": ["Markt", "Zzz"]})")) ==
        "f:1:91: hosts.h.managers.N.after: no manager 'Markt' in the file, did you mean 'Market'?\n"
        "f:1:100: hosts.h.managers.N.after: no manager 'Zzz' in the file");
}

TEST_CASE("after: a cycle is shown, once") {
  CHECK(faults(with_managers(R"("A": {"service": "a", "after": ["A"]})")).ends_with("a cycle: A -> A"));
  const auto three =
      faults(with_managers(R"("A": {"service": "a", "after": ["B"]}, "B": {"service": "b", "after": ["C"]},
    "C": {"service": "c", "after": ["A"]}, "D": {"service": "d", "after": ["A"]})"));
  CHECK(three == "f:2:37: hosts.h.managers.C.after: a cycle: A -> B -> C -> A");
  CHECK(faults(with_managers(
            R"("A": {"service": "a", "after": ["B", "C"]}, "B": {"service": "b", "after": ["C"]},
    "C": {"service": "c"})")) == "");
}

TEST_CASE("after: a chain as long as a file, and its cycle") {
  std::string managers;
  const int count = 20'000;
  for (int i = 0; i < count; ++i) {
    const auto id = std::to_string(i);
    managers += (i == 0 ? "\"" : ",\"") + id + R"(": {"service": "s)" + id + R"(", "after": [")" +
                std::to_string((i + 1) % count) + "\"]}";
  }
  const auto text = faults(with_managers(managers));
  CHECK(text.find("a cycle: 0 -> 1 -> 2") != std::string::npos);
  CHECK(text.ends_with("... -> 19999 -> 0"));
  CHECK(text.size() < 300);
}

TEST_CASE("heartbeat_timeout_s is above the interval of its check") {
  CHECK(faults(R"({"heartbeat_timeout_s": 1})").starts_with("f:1:25: heartbeat_timeout_s must be above"));
  CHECK(faults(R"({"heartbeat_check_interval_s": 6})").starts_with("f:1:32: "));
  CHECK(faults(R"({"heartbeat_timeout_s": 0.3, "heartbeat_check_interval_s": 0.1})") == "");
}

TEST_CASE("a wildcard address with remote hosts and nothing to connect to is a warning") {
  const std::string remote = R"("hosts": {"h": {"ssh": "u@h"}}})";
  const auto warned = parse(R"({"registry_endpoint": "tcp://*:5555", )" + remote, "f").warnings;
  REQUIRE(warned.size() == 1);
  CHECK(warned[0].starts_with("f:1:23: registry_endpoint: "));
  CHECK(parse(R"({"registry_endpoint": ["tcp://127.0.0.1:5", "tcp://0.0.0.0:5"], )" + remote, "f")
            .warnings.size() == 1);
  CHECK(parse(R"({"registry_endpoint": "tcp://*:5", "registry_connect": "tcp://r:5", )" + remote, "f")
            .warnings.empty());
  CHECK(parse(R"({"registry_endpoint": "tcp://10.0.0.1:5", )" + remote, "f").warnings.empty());
  CHECK(parse(R"({"registry_endpoint": "tcp://*:5555", "hosts": {"h": {}}})", "f").warnings.empty());
}

TEST_CASE("a registry that is this machine's alone is a warning with remote hosts") {
  const std::string remote = R"("hosts": {"h": {"ssh": "u@h"}}})";
  const auto by_default = parse("{" + remote, "f").warnings;
  REQUIRE(by_default.size() == 1);
  CHECK(
      by_default[0].find("registry_endpoint: tcp://127.0.0.1:5555 is this machine's alone, and managers are "
                         "on other hosts: bind to an address that they reach, and set registry_connect") !=
      std::string::npos);
  const auto connect =
      parse(R"({"registry_endpoint": "tcp://*:5", "registry_connect": "tcp://localhost:5", )" + remote, "f")
          .warnings;
  REQUIRE(connect.size() == 1);
  CHECK(connect[0].starts_with("f:1:56: registry_connect: tcp://localhost:5 is this machine's alone"));
  CHECK(parse(R"({"registry_connect": ["ipc:///r", "tcp://r:5"], )" + remote, "f").warnings.empty());
  CHECK(parse(R"({"hosts": {"h": {}}})", "f").warnings.empty());
}
