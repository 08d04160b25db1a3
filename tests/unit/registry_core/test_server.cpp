#include "registry_core/server.hpp"
#include "registry_core/sockets.hpp"

#include "registry_core/envelope.hpp"
#include "tests/unit/registry_core/requests.hpp"
#include "tests/unit/registry_core/running_server.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <zmq.hpp>
#include <zmq_addon.hpp>

#include <atomic>
#include <filesystem>
#include <unistd.h>

using nlohmann::json;
using registry_core::BindError;
using registry_core::Server;
using registry_core::ServerOptions;
using requests::lookup;

namespace {

constexpr std::size_t largest_request = registry_core::Limits{}.message_bytes;

using Frames = std::vector<std::string>;

class FramesPeer {
public:
  FramesPeer(zmq::socket_type type, const std::string& endpoint) : socket_(context_, type) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::rcvtimeo, 5000);
    socket_.set(zmq::sockopt::sndhwm, 0);
    socket_.set(zmq::sockopt::rcvhwm, 0);
    socket_.connect(endpoint);
  }
  void send(const Frames& frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      socket_.send(zmq::buffer(frames[i]),
                   i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
    }
  }
  Frames receive() {
    std::vector<zmq::message_t> parts;
    Frames frames;
    if (!zmq::recv_multipart(socket_, std::back_inserter(parts))) return frames;
    for (const auto& part : parts)
      frames.push_back(part.to_string());
    return frames;
  }
  /// Of a request in one frame, or what `front` puts before it, which must come back.
  json ask(const std::string& body, Frames front = {}) {
    front.push_back(body);
    send(front);
    Frames reply = receive();
    REQUIRE(reply.size() == front.size());
    for (std::size_t i = 0; i + 1 < front.size(); ++i)
      CHECK(reply[i] == front[i]);
    return json::parse(reply.back());
  }
  json ask(const json& request) { return ask(request.dump()); }
  zmq::socket_t& socket() { return socket_; }

private:
  zmq::context_t context_;
  zmq::socket_t socket_;
};

} // namespace

TEST_CASE("a plain REQ peer registers, looks up and sends heartbeats") {
  RunningServer server;
  FramesPeer peer(zmq::socket_type::req, server.endpoint());
  auto reply = peer.ask(requests::registration());
  CHECK(reply["message_type"] == "RegistrationOk");
  CHECK(reply["actors"] == 1);
  const auto epoch = reply["epoch"];
  reply = peer.ask(lookup);
  CHECK(reply["endpoint"] == "tcp://h:1");
  CHECK(reply["online"] == true);
  reply = peer.ask({{"message_type", "Heartbeat"}, {"manager_id", "M"}});
  CHECK(reply ==
        json{{"message_type", "HeartbeatAck"}, {"message_id", 907}, {"epoch", epoch}, {"actors", 1}});
}

TEST_CASE("whatever stands in front of a request comes back in front of the reply") {
  RunningServer server;
  FramesPeer peer(zmq::socket_type::dealer, server.endpoint());
  for (const Frames& front :
       {Frames{}, Frames{""}, Frames{"a", "", "b"}, Frames(15, "x"), Frames{std::string(60'000, 'e')}}) {
    CHECK(peer.ask(lookup.dump(), front)["message_type"] == "LookupResult");
  }
}

TEST_CASE("pipelined requests are answered in order, one reply each") {
  RunningServer server;
  FramesPeer peer(zmq::socket_type::dealer, server.endpoint());
  constexpr int count = 1000; // as many as a peer may have unanswered
  for (int i = 0; i < count; ++i) {
    auto request = lookup;
    request["request_id"] = i;
    peer.send({request.dump()});
  }
  for (int i = 0; i < count; ++i) {
    const Frames reply = peer.receive();
    REQUIRE(reply.size() == 1);
    REQUIRE(json::parse(reply[0])["request_id"] == i);
  }
}

TEST_CASE("each peer reads its own writes") {
  RunningServer server;
  FramesPeer peer(zmq::socket_type::dealer, server.endpoint());
  peer.send({requests::registration().dump()});
  peer.send({lookup.dump()});
  peer.receive();
  CHECK(json::parse(peer.receive().at(0))["online"] == true);
}

TEST_CASE("too many frames or bytes are answered so, and the next request is not affected") {
  RunningServer server;
  FramesPeer peer(zmq::socket_type::dealer, server.endpoint());
  const auto expect_too_large = [&](Frames frames, const Frames& front) {
    peer.send(frames);
    Frames reply = peer.receive();
    REQUIRE(reply.size() == front.size() + 1);
    CHECK(json::parse(reply.back())["code"] == "too_large");
    reply.pop_back();
    CHECK(reply == front);
    CHECK(peer.ask(lookup)["message_type"] == "LookupResult");
  };
  expect_too_large(Frames(17, "x"), {});
  Frames delimited(17, "x");
  delimited[1] = "";
  expect_too_large(delimited, {"x", ""});
  expect_too_large(Frames(500, "x"), {});
  const std::string blank(largest_request + 1, ' ');
  expect_too_large({blank}, {});
  expect_too_large({"", blank}, {""});
  expect_too_large({std::string(70'000, 'f'), "", lookup.dump()}, {});

  std::string fits = lookup.dump();
  fits.append(largest_request - fits.size(), ' ');
  CHECK(peer.ask(fits)["message_type"] == "LookupResult");
}

TEST_CASE("a frame over 1 MiB ends its connection, and no other") {
  RunningServer server;
  FramesPeer large(zmq::socket_type::dealer, server.endpoint());
  FramesPeer peer(zmq::socket_type::req, server.endpoint());
  CHECK(large.ask(lookup)["message_type"] == "LookupResult");
  large.send({std::string(registry_core::largest_frame + 1, ' ')});
  large.socket().set(zmq::sockopt::rcvtimeo, 200);
  CHECK(large.receive().empty());
  CHECK(peer.ask(lookup)["message_type"] == "LookupResult");
  // It comes back over a connection of its own.
  large.socket().set(zmq::sockopt::rcvtimeo, 5000);
  CHECK(large.ask(lookup)["message_type"] == "LookupResult");
}

TEST_CASE("garbage gets an Error, and the next peer never notices") {
  RunningServer server;
  FramesPeer garbage(zmq::socket_type::dealer, server.endpoint());
  FramesPeer peer(zmq::socket_type::req, server.endpoint());
  for (const std::string& body :
       {std::string(), std::string("\0\xFF", 2), std::string("[1]"), std::string("{} "),
        std::string(60'000, '['), std::string(R"({"message_type":"Nope"})")}) {
    CHECK(garbage.ask(body)["message_type"] == "Error");
    CHECK(peer.ask(lookup)["message_type"] == "LookupResult");
  }
  const auto counters = peer.ask({{"message_type", "RegistryInfo"}})["counters"];
  CHECK(counters["error.bad_json"] == 4);
  CHECK(counters["error.missing_field"] == 1);
  CHECK(counters["error.unknown_type"] == 1);
  CHECK(counters["request.LookupActor"] == 6);
}

TEST_CASE("a peer that never reads costs nobody else anything, and its dropped replies are counted") {
  RunningServer server;
  FramesPeer deaf(zmq::socket_type::dealer, server.endpoint());
  deaf.socket().set(zmq::sockopt::rcvhwm, 1);
  deaf.socket().disconnect(server.endpoint());
  deaf.socket().connect(server.endpoint());
  FramesPeer peer(zmq::socket_type::req, server.endpoint());
  auto request = lookup;
  request["request_id"] =
      std::string(8000, 'x'); // replies as large as that fill what lies between the two soon
  const auto dropped = [&] {
    return peer.ask({{"message_type", "RegistryInfo"}})["counters"]["dropped_replies"].get<int>();
  };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (dropped() == 0) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    for (int i = 0; i < 200; ++i)
      deaf.send({request.dump()});
  }
  CHECK(peer.ask(lookup)["message_type"] == "LookupResult");
}

TEST_CASE("a peer that leaves before its reply is nobody's trouble") {
  RunningServer server;
  for (int i = 0; i < 20; ++i) {
    FramesPeer hasty(zmq::socket_type::dealer, server.endpoint());
    for (int n = 0; n < 50; ++n)
      hasty.send({lookup.dump()});
  }
  FramesPeer peer(zmq::socket_type::req, server.endpoint());
  CHECK(peer.ask(lookup)["message_type"] == "LookupResult");
}

TEST_CASE("several endpoints serve one registry") {
  const std::string path =
      std::filesystem::temp_directory_path() / ("registry-" + std::to_string(getpid()) + ".sock");
  ServerOptions options;
  options.endpoints = {"tcp://127.0.0.1:0", "tcp://localhost:*", "ipc://" + path};
  RunningServer server(options);
  REQUIRE(server.endpoints().size() == 3);
  FramesPeer(zmq::socket_type::req, server.endpoints()[0]).ask(requests::registration());
  CHECK(FramesPeer(zmq::socket_type::req, server.endpoints()[1]).ask(lookup)["online"] == true);
  FramesPeer local(zmq::socket_type::req, server.endpoints()[2]);
  CHECK(local.ask(lookup)["online"] == true);
  auto wildcard = requests::registration();
  wildcard["actor_endpoint"] = "tcp://*:7";
  const auto reply = local.ask(wildcard);
  CHECK(reply["actor_endpoint"] == "tcp://127.0.0.1:7");
  CHECK(reply["local_only"] == true);
  std::filesystem::remove(path); // libzmq leaves it
}

TEST_CASE("a wildcard endpoint takes the host of registry_connect where the peer is on this machine") {
  ServerOptions options;
  options.settings.connect_endpoints = {"tcp://registry.example:5555"};
  RunningServer server(options);
  auto wildcard = requests::registration();
  wildcard["actor_endpoint"] = "tcp://0.0.0.0:7";
  const auto reply = FramesPeer(zmq::socket_type::req, server.endpoint()).ask(wildcard);
  CHECK(reply["actor_endpoint"] == "tcp://registry.example:7");
  CHECK_FALSE(reply.contains("local_only"));
}

TEST_CASE("an endpoint that can't be bound is named, with the reason") {
  RunningServer server;
  ServerOptions options;
  options.endpoints = {server.endpoint()};
  CHECK_THROWS_WITH_AS(Server{options},
                       ("can't bind " + server.endpoint() + ": Address already in use").c_str(), BindError);
  options.endpoints = {"nonsense"};
  CHECK_THROWS_WITH_AS(Server{options}, "can't bind nonsense: Invalid argument", BindError);
}

TEST_CASE("silence is seen by itself, and the log says so") {
  ServerOptions options;
  options.settings.heartbeat_timeout = std::chrono::milliseconds(300);
  options.settings.check_interval = std::chrono::milliseconds(50);
  std::atomic<bool> said = false;
  options.log = [&](const registry_core::LogEntry& entry) {
    if (entry.text.starts_with("manager 'M' is offline")) said = true;
  };
  RunningServer server(options);
  FramesPeer peer(zmq::socket_type::req, server.endpoint());
  peer.ask(requests::registration());
  CHECK(peer.ask(lookup)["online"] == true);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!said && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  CHECK(said);
  CHECK(peer.ask(lookup)["online"] == false);
}

TEST_CASE("ticks come while nothing happens and while much does") {
  ServerOptions options;
  std::atomic<int> ticks = 0;
  options.on_tick = [&] { ++ticks; };
  RunningServer server(options);
  const auto wait_for = [&](int count, auto meanwhile) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (ticks < count && std::chrono::steady_clock::now() < deadline)
      meanwhile();
    CHECK(ticks >= count);
  };
  wait_for(3, [] { std::this_thread::yield(); });
  FramesPeer peer(zmq::socket_type::req, server.endpoint());
  wait_for(ticks + 3, [&] { peer.ask(lookup); });
}

TEST_CASE("ending answers what is on its way and loses nothing") {
  RunningServer server;
  FramesPeer peer(zmq::socket_type::dealer, server.endpoint());
  peer.ask(lookup);
  for (int i = 0; i < 500; ++i)
    peer.send({lookup.dump()});
  server.stop();
  for (int i = 0; i < 500; ++i)
    REQUIRE_FALSE(peer.receive().empty());
}

TEST_CASE("ending takes no longer than a second and a bit, whoever goes on asking") {
  RunningServer server;
  std::atomic<bool> over = false;
  std::thread chatter([&, endpoint = server.endpoint()] {
    FramesPeer peer(zmq::socket_type::dealer, endpoint);
    peer.socket().set(zmq::sockopt::rcvtimeo, 50);
    while (!over) {
      peer.send({lookup.dump()});
      peer.receive();
    }
  });
  const auto begin = std::chrono::steady_clock::now();
  server.stop();
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(4));
  over = true;
  chatter.join();
}

TEST_CASE("stop before run") {
  ServerOptions options;
  options.endpoints = {"tcp://127.0.0.1:*"};
  Server server(options);
  server.stop();
  server.run();
}
