#include "config/load.hpp"

#include "tests/unit/config/read_text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace config;
using test::checks;
using test::with_manager;

namespace {

/// The manager of a file that must be right.
Manager manager(const std::string& members) {
  return *parse(with_manager(members), "f", checks).find_manager("M");
}

/// Its faults, each without its position and path.
std::string fault(const std::string& members) {
  try {
    parse(with_manager(members), "f", checks);
  } catch (const Error& error) {
    CHECK(error.faults().size() == 1);
    CHECK(error.faults().front().key.starts_with("hosts.h.managers.M."));
    return error.faults().front().message;
  }
  return "";
}

} // namespace

TEST_CASE("what deploy writes a unit from arrives") {
  const auto found = manager(R"("exec": ["/opt/a b/run", "--x=$HOME %n", "", "ü\"'\\"], "user": "orders",
      "environment": {"B": "1 2", "A": "", "REGISTRY_ENDPOINT": "tcp://gate:5555"},
      "resources": {"memory_max": "512M", "cpu_quota": "150%", "tasks_max": 100, "limit_nofile": 1024,
                    "limit_memlock": "infinity", "nice": -5})");
  CHECK(found.exec == std::vector<std::string>{"/opt/a b/run", "--x=$HOME %n", "", "ü\"'\\"});
  CHECK(found.user == "orders");
  CHECK(found.environment == std::vector<std::pair<std::string, std::string>>{
                                 {"B", "1 2"}, {"A", ""}, {"REGISTRY_ENDPOINT", "tcp://gate:5555"}});
  CHECK(found.resources == Resources{"512M", "150%", 100, 1024, "infinity", -5});
}

TEST_CASE("without them there is nothing to write") {
  const auto found = manager(R"("resources": {}, "environment": {})");
  CHECK(found.exec.empty());
  CHECK(found.user.empty());
  CHECK(found.environment.empty());
  CHECK(found.resources == Resources{});
}

TEST_CASE("exec: a list of arguments; a string is a program without any, never split") {
  CHECK(manager(R"("exec": "/usr/bin/risk")").exec == std::vector<std::string>{"/usr/bin/risk"});
  CHECK(manager(R"("exec": ["/opt/risk checker"])").exec.size() == 1);
  CHECK(fault(R"("exec": "/usr/bin/risk --fast")") ==
        "expected a list: the program, and each of its arguments, as [\"/usr/bin/program\", \"--option\"]");
  CHECK(fault(R"("exec": [])") == "expected at least the program");
  CHECK(fault(R"("exec": 1)").starts_with("expected a list"));
  CHECK(fault(R"("exec": ["/a", 1])") == "expected a string, found a number");
  CHECK(fault(R"("exec": ["/a", "b\nExecStartPre=/bin/c"])") == "has a control character");
  CHECK(fault(R"("exec": ["/a", "\ufffe"])") == "has a noncharacter of Unicode");
}

TEST_CASE("exec: a program that systemd would not take") {
  for (const std::string program :
       {R"("")", R"("risk")", R"("-/bin/a")", R"("/bin/")", R"("/bin/../a")", R"("/a/.")", R"("/a\"b")",
        R"("/a'b")", R"("/a\\b")", R"("/a$b")", R"("/a\u0000b")"}) {
    CAPTURE(program);
    CHECK_FALSE(fault(R"("exec": )" + program).empty());
    CHECK_FALSE(fault(R"("exec": [)" + program + "]").empty());
  }
}

TEST_CASE("environment: deploy sets the manager's id") {
  CHECK(fault(R"("environment": {"MANAGER_ID": "N"})") ==
        "is the manager's id, and set by deploy; leave it out");
  CHECK(fault(R"("environment": {"A": "\u009b1m"})") == "has a control character");
  CHECK(fault(R"("environment": {"A-B": "1"})").starts_with("expected a variable's name"));
  CHECK(fault(R"("environment": {"A": "1", "A": "2"})").starts_with("stands twice"));
}

TEST_CASE("resources: what is no size, share or number") {
  for (const std::string resource :
       {R"("memory_max": 5)",      R"("memory_max": "512")",     R"("memory_max": "1023K")",
        R"("memory_max": "1.5G")", R"("memory_max": "512MB")",   R"("memory_max": "M")",
        R"("memory_max": "50%")",  R"("cpu_quota": "150")",      R"("cpu_quota": "0%")",
        R"("cpu_quota": "-1%")",   R"("cpu_quota": 50)",         R"("tasks_max": 0)",
        R"("tasks_max": 1.5)",     R"("tasks_max": "infinity")", R"("limit_nofile": 15)",
        R"("limit_nofile": 1e10)", R"("limit_memlock": "1P")",   R"("nice": 20)",
        R"("nice": -21)",          R"("MemoryMax": "1G")"}) {
    CAPTURE(resource);
    CHECK_FALSE(fault(R"("resources": {)" + resource + "}").empty());
  }
  for (const std::string resource :
       {R"("memory_max": "1M")", R"("memory_max": "1048576")", R"("memory_max": "infinity")",
        R"("cpu_quota": "1%")", R"("limit_memlock": "0")", R"("nice": 19)", R"("nice": -20)"}) {
    CAPTURE(resource);
    CHECK(fault(R"("resources": {)" + resource + "}").empty());
  }
  CHECK(fault(R"("resources": {"memory": "1G"})").starts_with("unknown key 'memory'"));
}

TEST_CASE("user, environment or resources without exec are without effect, and that is a warning") {
  for (const std::string key :
       {R"("user": "u")", R"("environment": {"A": ""})", R"("resources": {"nice": 1})"}) {
    CAPTURE(key);
    const auto config = parse(with_manager(key), "f", checks);
    REQUIRE(config.warnings.size() == 1);
    CHECK(config.warnings.front() == "f:1:31: hosts.h.managers.M: has user, environment or resources, but no "
                                     "exec: deploy writes no unit for it");
    CHECK(parse(with_manager(key + R"(, "exec": "/bin/a")"), "f", checks).warnings.empty());
  }
}

TEST_CASE("deploy_ssh: a target, a user at the host of ssh, or auto") {
  const auto deploy_ssh = [](const std::string& more) {
    return parse(R"({"defaults": {"deploy_ssh": "root@"}, "hosts": {"h": {"ssh": "u@h")" + more + "}}}", "f",
                 checks)
        .find_host("h")
        ->deploy_ssh;
  };
  CHECK(deploy_ssh("") == "root@");
  CHECK(deploy_ssh(R"(, "deploy_ssh": "admin@h:2222")") == "admin@h:2222");
  CHECK_FALSE(deploy_ssh(R"(, "deploy_ssh": "auto")"));
  for (const std::string wrong : {"@", "-x@", "a b@", "-x", "", "root@-h"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(deploy_ssh(R"(, "deploy_ssh": ")" + wrong + "\""), Error);
  }
}

TEST_CASE("a noncharacter of Unicode stands nowhere") {
  for (const std::string text : {R"("language": "\ufdd0")", R"("language": "a\uffff")",
                                 R"("language": "\ud83f\udffe")", R"("language": "\udbff\udfff")"}) {
    CAPTURE(text);
    CHECK(fault(text) == "has a noncharacter of Unicode");
  }
  for (const std::string text :
       {R"("language": "\ufdcf")", R"("language": "\ufdf0")", R"("language": "\ufffd")",
        R"("language": "\ud83f\udffd")", R"("language": "\ud83d\ude00")", R"("language": "\u1fff")"}) {
    CAPTURE(text);
    CHECK(fault(text).empty());
  }
}
