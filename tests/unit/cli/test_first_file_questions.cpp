#include "cli/first_file_questions.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace cli;
using config::FirstFile;

TEST_CASE("a registry is said by host, by host and port, or by endpoint") {
  CHECK(registry_endpoint("registry") == "tcp://registry:5555");
  CHECK(registry_endpoint("registry:1") == "tcp://registry:1");
  CHECK(registry_endpoint("[::1]") == "tcp://[::1]:5555");
  CHECK(registry_endpoint("[::1]:1") == "tcp://[::1]:1");
  CHECK(registry_endpoint("tcp://registry:1") == "tcp://registry:1");
  CHECK(registry_endpoint("ipc:///r") == "ipc:///r");
}

TEST_CASE("a manager is said by id and service; an id may hold an equals sign") {
  FirstFile::Host host;
  add_manager(host, "M=m.service");
  add_manager(host, "a=b=c");
  REQUIRE(host.managers.size() == 2);
  CHECK(host.managers[0].id == "M");
  CHECK(host.managers[0].service == "m.service");
  CHECK(host.managers[1].id == "a=b");
  for (const auto* const wrong : {"", "M", "=m", "M="})
    CHECK_THROWS_AS(add_manager(host, wrong), std::invalid_argument);
  CHECK(host.managers.size() == 2);
}

TEST_CASE("a problem is said without a line of the file that is not there yet") {
  FirstFile file{"tcp://r:1", {{"h", "u@h", {{"M", "m"}}}}};
  CHECK(problem_of(file).empty());
  const auto with = [&](auto change) {
    auto changed = file;
    change(changed);
    return problem_of(changed);
  };
  CHECK(with([](FirstFile& f) { f.hosts.push_back({"h", "local", {}}); }) == "there is a host 'h' already");
  CHECK(with([](FirstFile& f) {
          f.hosts.push_back({"i", "local", {{"M", "x"}}});
        }) == "there is a manager 'M' already");
  CHECK(with([](FirstFile& f) {
          f.hosts[0].managers.push_back({"N", "m"});
        }) == "another manager there has this service already");
  CHECK(with([](FirstFile& f) { f.hosts[0].managers[0].service = "m.socket"; }) ==
        "hosts.h.managers.M.service: not a service's unit name: it is that of a socket unit");
  CHECK(with([](FirstFile& f) { f.registry = "tcp://r"; }).starts_with("registry_endpoint: expected"));
}
