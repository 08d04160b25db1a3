#include "registry_core/reachable_endpoint.hpp"

#include <doctest/doctest.h>

using namespace registry_core;

TEST_CASE("addresses of peers as libzmq tells them") {
  CHECK(peer_host("10.0.0.9") == "10.0.0.9");
  CHECK(peer_host("::ffff:10.0.0.9") == "10.0.0.9");
  CHECK(peer_host("fe80::1%eth0") == "fe80::1%eth0");
  CHECK(peer_host("::1") == "::1");
  CHECK(peer_host("").empty());
  CHECK(peer_host("localhost:0:0:1234").empty());
}

TEST_CASE("a wildcard becomes the peer's own address") {
  for (const char* wildcard : {"tcp://*:7", "tcp://0.0.0.0:7", "tcp://[::]:7"}) {
    const auto result = reachable_endpoint(wildcard, "10.0.0.9", "registry.example");
    CHECK(result.endpoint == "tcp://10.0.0.9:7");
    CHECK(result.replaced);
    CHECK_FALSE(result.local_only);
  }
  CHECK(reachable_endpoint("tcp://*:7", "fe80::1", "").endpoint == "tcp://[fe80::1]:7");
}

TEST_CASE("for a peer on this machine it becomes the registry's host, or else loopback, said to be local") {
  for (const char* peer : {"127.0.0.1", "", "::1"}) {
    const auto known = reachable_endpoint("tcp://*:7", peer, "registry.example");
    CHECK(known.endpoint == "tcp://registry.example:7");
    CHECK_FALSE(known.local_only);
    const auto unknown = reachable_endpoint("tcp://*:7", peer, "");
    CHECK(unknown.local_only);
    CHECK(unknown.endpoint == (std::string_view(peer) == "::1" ? "tcp://[::1]:7" : "tcp://127.0.0.1:7"));
  }
  CHECK(reachable_endpoint("tcp://*:7", "", "localhost").local_only);
}

TEST_CASE("any other endpoint is stored as it is") {
  for (const char* endpoint : {"tcp://localhost:7", "tcp://127.0.0.1:7", "ipc:///run/x", "tcp://h:7"}) {
    const auto result = reachable_endpoint(endpoint, "10.0.0.9", "r");
    CHECK(result.endpoint == endpoint);
    CHECK_FALSE(result.replaced);
    CHECK_FALSE(result.local_only);
  }
}

TEST_CASE("the host of registry_connect") {
  CHECK(host_of("tcp://registry.example:5555") == "registry.example");
  CHECK(host_of("tcp://[fd00::1]:5555") == "fd00::1");
  CHECK(host_of("tcp://*:5555").empty());
  CHECK(host_of("ipc:///run/x").empty());
}

TEST_CASE("what is bound is told to each peer as that peer can reach it, or not at all") {
  CHECK(endpoint_for_peer("tcp://0.0.0.0:7", "10.0.0.9", "10.0.0.1", "") == "tcp://10.0.0.1:7");
  CHECK(endpoint_for_peer("tcp://0.0.0.0:7", "10.0.0.9", "10.0.0.1", "registry.example") ==
        "tcp://registry.example:7");
  CHECK(endpoint_for_peer("tcp://[::]:7", "2001:db8::9", "2001:db8::1", "") == "tcp://[2001:db8::1]:7");
  CHECK(endpoint_for_peer("tcp://0.0.0.0:7", "127.0.0.1", "127.0.0.1", "registry.example") ==
        "tcp://127.0.0.1:7");
  CHECK(endpoint_for_peer("tcp://0.0.0.0:7", "", "", "") == "tcp://127.0.0.1:7");
  CHECK(endpoint_for_peer("tcp://10.0.0.1:7", "10.0.0.9", "", "") == "tcp://10.0.0.1:7");
  CHECK_FALSE(endpoint_for_peer("tcp://127.0.0.1:7", "10.0.0.9", "10.0.0.1", ""));
  CHECK_FALSE(endpoint_for_peer("ipc:///tmp/x", "10.0.0.9", "", ""));
  CHECK(endpoint_for_peer("ipc:///tmp/x", "", "", "") == "ipc:///tmp/x");
}
