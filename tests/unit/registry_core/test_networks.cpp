#include "registry_core/networks.hpp"
#include "registry_core/push_connections.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace registry_core;

TEST_CASE("an address is in a network by its first bits") {
  const Networks networks({"10.1.0.0/16", "192.168.7.9", "2001:db8::/33", "172.16.0.0/12"});
  CHECK(networks.contains("10.1.255.3"));
  CHECK_FALSE(networks.contains("10.2.0.0"));
  CHECK(networks.contains("::ffff:10.1.2.3"));
  CHECK(networks.contains("192.168.7.9"));
  CHECK_FALSE(networks.contains("192.168.7.8"));
  CHECK(networks.contains("2001:db8:7fff::1"));
  CHECK_FALSE(networks.contains("2001:db8:8000::1"));
  CHECK(networks.contains("172.31.0.1"));
  CHECK_FALSE(networks.contains("172.32.0.1"));
  CHECK_FALSE(networks.contains("host.example"));
  CHECK_FALSE(Networks().contains("10.1.0.1"));
  CHECK(Networks({"0.0.0.0/0"}).contains("8.8.8.8"));
  CHECK_FALSE(Networks({"0.0.0.0/0"}).contains("2001:db8::1"));
}

TEST_CASE("what is no network is named") {
  for (const char* text : {"", "10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/", "10.0.0", "::/129", "h/8"})
    CHECK_THROWS_WITH_AS(Networks({text}),
                         ("'" + std::string(text) + "' is no network: expected ADDRESS/BITS").c_str(),
                         std::invalid_argument);
}

TEST_CASE("an answer goes to the asker's own address or into a network that is named, nowhere else") {
  const Networks networks({"10.9.0.0/16"});
  CHECK(push_target("tcp://10.0.0.7:5", "10.0.0.7", networks) == "tcp://10.0.0.7:5");
  CHECK(push_target("tcp://localhost:5", "10.0.0.7", networks) == "tcp://10.0.0.7:5");
  CHECK(push_target("tcp://*:5", "10.0.0.7", networks) == "tcp://10.0.0.7:5");
  CHECK(push_target("tcp://127.0.0.1:5", "127.0.0.1", networks) == "tcp://127.0.0.1:5");
  CHECK(push_target("tcp://10.9.1.1:5", "10.0.0.7", networks) == "tcp://10.9.1.1:5");
  CHECK_FALSE(push_target("tcp://10.8.1.1:5", "10.0.0.7", networks));
  CHECK_FALSE(push_target("tcp://victim.example:5", "10.0.0.7", networks));
  CHECK_FALSE(push_target("ipc:///tmp/x", "10.0.0.7", networks));
  CHECK(push_target("ipc:///tmp/x", "", networks) == "ipc:///tmp/x");
  CHECK_FALSE(push_target("", "10.0.0.7", networks));
  CHECK_FALSE(push_target("nonsense", "10.0.0.7", networks));
}

TEST_CASE("connections are bounded, and the least recently used one goes") {
  PushConnections connections(2, 10);
  CHECK(connections.send("tcp://127.0.0.1:1", "x"));
  CHECK(connections.send("tcp://127.0.0.1:2", "x"));
  CHECK(connections.send("tcp://127.0.0.1:3", "x"));
  CHECK(connections.size() == 2);
  CHECK_FALSE(connections.send("nonsense", "x"));
  connections.change_most(1);
  CHECK(connections.size() == 1);
}
