#include "registry_core/descriptors.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

using registry_core::share_descriptors;

TEST_CASE("connections are what the limit of open files leaves") {
  CHECK(share_descriptors(65536, 0).connections == 65536 - 100);
  CHECK(share_descriptors(65536, 0).push_connections == 0);
  CHECK(share_descriptors(65536, 256).connections == 65536 - 100 - 512);
  CHECK(share_descriptors(65536, 256).push_connections == 256);
}

TEST_CASE("where descriptors are few, connections towards actors are few as well, and all fit") {
  for (const std::size_t files : {300UL, 512UL, 1024UL, 4096UL}) {
    const auto shares = share_descriptors(files, 256);
    CHECK(shares.push_connections <= files / 8);
    CHECK(shares.connections >= 100);
    CHECK(shares.connections + 2 * shares.push_connections + 100 <= files);
  }
  CHECK(share_descriptors(64, 256).connections == 100);
  CHECK(share_descriptors(4, 256).push_connections == 1);
}
