#include "clients/cpp/src/process_info.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

using namespace actors::registry;

TEST_CASE("the unit is the innermost service or scope of systemd's hierarchy") {
  CHECK(unit_in_cgroup("0::/system.slice/order.service\n") == "order.service");
  CHECK(unit_in_cgroup("0::/user.slice/user-1.slice/user@1.service/app.slice/my\\x2dapp.service\n") ==
        "my\\x2dapp.service");
  CHECK(unit_in_cgroup("0::/system.slice/order.service/sub\n") == "order.service");
  CHECK(unit_in_cgroup("0::/user.slice/session-3.scope") == "session-3.scope");
  CHECK(unit_in_cgroup("4:cpu:/x.service\n1:name=systemd:/system.slice/a.service\n") == "a.service");
  CHECK_FALSE(unit_in_cgroup("0::/\n"));
  CHECK_FALSE(unit_in_cgroup("4:cpu:/x.service\n"));
  CHECK_FALSE(unit_in_cgroup(""));
}

TEST_CASE("a process knows itself") {
  setenv("INVOCATION_ID", "0123", 1);
  ProcessInfo process = own_process();
  CHECK(process.pid == getpid());
  CHECK(process.language == "c++");
  CHECK(process.invocation_id == "0123");
  CHECK(process.host);
  setenv("INVOCATION_ID", "what the registry\nwould refuse", 1);
  CHECK_FALSE(own_process().invocation_id);
  unsetenv("INVOCATION_ID");
  CHECK_FALSE(own_process().invocation_id);
}

TEST_CASE("no two lives are called the same") {
  CHECK(random_instance().size() == 32);
  CHECK(random_instance() != random_instance());
}
