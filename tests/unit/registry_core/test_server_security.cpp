#include "registry_core/security/certificate.hpp"
#include "registry_core/server.hpp"
#include "registry_core/sockets.hpp"

#include "tests/unit/registry_core/requests.hpp"
#include "tests/unit/registry_core/running_server.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <zmq.hpp>
#include <zmq_addon.hpp>

#include <atomic>
#include <chrono>
#include <mutex>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using nlohmann::json;
using registry_core::Client;
using registry_core::Clients;
using registry_core::CurveKey;
using registry_core::ServerOptions;
using registry_core::ServerSettings;
using requests::lookup;

namespace {

using Clock = std::chrono::steady_clock;

std::string binary(const CurveKey& key) {
  return {reinterpret_cast<const char*>(key.bytes().data()), key.bytes().size()};
}

/// A client with a key of its own, or without one.
class KeyedPeer {
public:
  explicit KeyedPeer(zmq::socket_type type = zmq::socket_type::dealer) : socket_(context_, type) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::rcvtimeo, 5000);
    socket_.set(zmq::sockopt::reconnect_ivl, 20);
  }
  KeyedPeer& with(const CurveKey& secret, const CurveKey& server) {
    socket_.set(zmq::sockopt::curve_secretkey, binary(secret));
    socket_.set(zmq::sockopt::curve_publickey, binary(secret.public_key()));
    socket_.set(zmq::sockopt::curve_serverkey, binary(server));
    return *this;
  }
  KeyedPeer& connect(const std::string& endpoint) {
    socket_.connect(endpoint);
    return *this;
  }
  /// Null where nobody answers within the time.
  json ask(const json& request, int milliseconds = 5000) {
    socket_.set(zmq::sockopt::rcvtimeo, milliseconds);
    socket_.send(zmq::buffer(request.dump()));
    zmq::message_t reply;
    return socket_.recv(reply) ? json::parse(reply.to_string()) : json();
  }
  zmq::socket_t& socket() { return socket_; }

private:
  zmq::context_t context_;
  zmq::socket_t socket_;
};

const json info = {{"message_type", "RegistryInfo"}};

/// A registry with CURVE at one endpoint and a plain one beside it. What trusts whom may be changed while it
/// runs.
class Secured {
public:
  explicit Secured(std::vector<Client> clients, ServerOptions options = {}) {
    options.endpoints = {"tcp://127.0.0.1:*", "tcp://localhost:*"};
    options.curve_endpoints = {"tcp://127.0.0.1:*"};
    options.secret_key = secret_;
    options.settings.clients = std::make_shared<const Clients>(std::move(clients));
    settings_ = options.settings;
    options.on_tick = [this] { tick(); };
    options.log = [this](const registry_core::LogEntry& entry) {
      const std::lock_guard lock(mutex_);
      log_ += entry.text + "\n";
    };
    server_ = std::make_unique<RunningServer>(std::move(options));
  }
  void change(const std::function<void(ServerSettings&)>& change) {
    {
      const std::lock_guard lock(mutex_);
      change(settings_);
      changed_ = true;
    }
    REQUIRE(eventually([this] {
      const std::lock_guard lock(mutex_);
      return !changed_;
    }));
  }
  void trust(std::vector<Client> clients) {
    change([&](ServerSettings& settings) {
      settings.clients = std::make_shared<const Clients>(std::move(clients));
    });
  }
  std::string log() {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  [[nodiscard]] json counters() const { return KeyedPeer().connect(plain()).ask(info).at("counters"); }
  [[nodiscard]] const std::string& curve() const { return server_->endpoints()[0]; }
  [[nodiscard]] const std::string& plain() const { return server_->endpoints()[1]; }
  [[nodiscard]] const std::string& events() const { return server_->events_endpoint(); }
  [[nodiscard]] CurveKey key() const { return secret_.public_key(); }

private:
  void tick() {
    std::optional<ServerSettings> settings;
    {
      const std::lock_guard lock(mutex_);
      if (changed_) settings = settings_;
    }
    if (!settings) return;
    server_->server().change_settings(*settings);
    const std::lock_guard lock(mutex_);
    changed_ = false;
  }

  CurveKey secret_ = CurveKey::make_secret();
  std::mutex mutex_;
  ServerSettings settings_;
  bool changed_ = false;
  std::string log_;
  std::unique_ptr<RunningServer> server_;
};

Client client(const std::string& name, const CurveKey& secret) {
  return {name, secret.public_key().text(), {}};
}

/// A bare TCP connection.
class Raw {
public:
  explicit Raw(const std::string& endpoint) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  Raw(Raw&& other) noexcept : socket_(std::exchange(other.socket_, -1)), connected_(other.connected_) {}
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;
  ~Raw() {
    if (socket_ >= 0) ::close(socket_);
  }
  [[nodiscard]] bool connected() const { return connected_; }
  void send(const std::string& bytes) const {
    (void)::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  [[nodiscard]] bool receive_until(const std::string& text) const {
    std::string received;
    std::array<char, 4096> bytes{};
    return eventually([&] {
      const auto size = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (size > 0) received.append(bytes.data(), static_cast<std::size_t>(size));
      return received.find(text) != std::string::npos;
    });
  }
  /// The other side has ended it. Waits so long.
  [[nodiscard]] bool is_ended(int milliseconds) const {
    const auto deadline = Clock::now() + std::chrono::milliseconds(milliseconds);
    std::array<char, 256> bytes{};
    do {
      const auto size = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (size == 0 || (size < 0 && errno != EAGAIN)) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(size > 0 ? 0 : 2));
    } while (Clock::now() < deadline);
    return false;
  }

private:
  int socket_;
  bool connected_ = false;
};

} // namespace

TEST_CASE("CURVE and plain endpoints stand side by side, and serve one registry") {
  const auto secret = CurveKey::make_secret();
  Secured registry({client("orders", secret)});
  KeyedPeer peer;
  CHECK(peer.with(secret, registry.key())
            .connect(registry.curve())
            .ask(requests::registration("A"))["message_type"] == "RegistrationOk");
  CHECK(KeyedPeer().connect(registry.plain()).ask(lookup)["online"] == true);
}

TEST_CASE("a key that is not trusted, none at all, and a wrong server key get nothing") {
  Secured registry({client("orders", CurveKey::make_secret())});
  const auto stranger = CurveKey::make_secret();
  KeyedPeer unknown;
  unknown.with(stranger, registry.key()).connect(registry.curve());
  CHECK(unknown.ask(lookup, 300).is_null());
  CHECK(KeyedPeer().connect(registry.curve()).ask(lookup, 300).is_null());
  KeyedPeer misled;
  misled.with(stranger, CurveKey::make_secret().public_key()).connect(registry.curve());
  CHECK(misled.ask(lookup, 300).is_null());
  CHECK(registry.counters()["refused.key"] == 1); // 400, after which libzmq does not try again
  CHECK(registry.counters()["refused.handshake"] >= 1);
  CHECK(registry.log().find("has the key '" + stranger.public_key().text() + "', which is not trusted") !=
        std::string::npos);
}

TEST_CASE("who is trusted while the registry runs is served from then on") {
  const auto secret = CurveKey::make_secret();
  Secured registry({});
  KeyedPeer early;
  CHECK(early.with(secret, registry.key()).connect(registry.curve()).ask(lookup, 300).is_null());
  registry.trust({client("late", secret)});
  KeyedPeer peer;
  CHECK(peer.with(secret, registry.key()).connect(registry.curve()).ask(lookup)["message_type"] ==
        "LookupResult");
}

TEST_CASE("a key that is revoked stops at once, also on a connection that lives, and nobody else does") {
  const auto secret = CurveKey::make_secret();
  const auto other_secret = CurveKey::make_secret();
  Secured registry({client("one", secret), client("other", other_secret)});
  KeyedPeer peer;
  KeyedPeer other;
  peer.with(secret, registry.key()).connect(registry.curve());
  other.with(other_secret, registry.key()).connect(registry.curve());
  CHECK_FALSE(peer.ask(lookup).is_null());
  CHECK_FALSE(other.ask(lookup).is_null());
  registry.trust({client("other", other_secret)});
  CHECK(peer.ask(lookup, 300).is_null());
  CHECK_FALSE(other.ask(lookup).is_null());
  CHECK(registry.log().find("is not trusted any more: its connection is ended") != std::string::npos);
  // It comes back by itself, to be told so.
  CHECK(
      eventually([&] { return registry.log().find("which is not trusted: refused") != std::string::npos; }));
}

TEST_CASE("a listener whose key is revoked hears nothing more, and the others go on") {
  const auto secret = CurveKey::make_secret();
  const auto other_secret = CurveKey::make_secret();
  ServerOptions options;
  options.events_endpoint = "tcp://127.0.0.1:*";
  Secured registry({client("one", secret), client("other", other_secret)}, options);
  KeyedPeer revoked(zmq::socket_type::sub);
  KeyedPeer kept(zmq::socket_type::sub);
  revoked.with(secret, registry.key()).connect(registry.events()).socket().set(zmq::sockopt::subscribe, "");
  kept.with(other_secret, registry.key())
      .connect(registry.events())
      .socket()
      .set(zmq::sockopt::subscribe, "");
  const auto hears = [](KeyedPeer& peer, int milliseconds) {
    peer.socket().set(zmq::sockopt::rcvtimeo, milliseconds);
    std::vector<zmq::message_t> parts;
    return zmq::recv_multipart(peer.socket(), std::back_inserter(parts)).has_value();
  };
  CHECK(hears(revoked, 20'000)); // a tick comes every second
  CHECK(hears(kept, 20'000));
  registry.trust({client("other", other_secret)});
  CHECK(eventually([&] { return !hears(revoked, 2500); }));
  CHECK(hears(kept, 20'000));
  CHECK(hears(kept, 20'000));
}

TEST_CASE("who may not list every name may not listen") {
  const auto secret = CurveKey::make_secret();
  auto some = client("some", secret);
  some.permissions.list = {"Order*"};
  ServerOptions options;
  options.events_endpoint = "tcp://127.0.0.1:*";
  Secured registry({some}, options);
  KeyedPeer listener(zmq::socket_type::sub);
  listener.with(secret, registry.key()).connect(registry.events()).socket().set(zmq::sockopt::subscribe, "");
  CHECK(eventually([&] {
    return registry.log().find("may not list every name, so it may not listen to events") !=
           std::string::npos;
  }));
}

TEST_CASE("a client does what it may; the rest is denied, counted and said") {
  const auto secret = CurveKey::make_secret();
  auto orders = client("orders", secret);
  orders.permissions.register_names = {"Order*"};
  orders.permissions.list = {"Order*"};
  orders.permissions.managers = {"M"};
  Secured registry({orders});
  KeyedPeer().connect(registry.plain()).ask(requests::registration("Risk"));
  KeyedPeer peer;
  peer.with(secret, registry.key()).connect(registry.curve());
  CHECK(peer.ask(requests::registration("Order1"))["message_type"] == "RegistrationOk");
  const auto denied = peer.ask(requests::registration("Other"));
  CHECK(denied["message_type"] == "RegistrationFailed");
  CHECK(denied["actor_name"] == "Other");
  CHECK(denied["code"] == "not_authorized");
  CHECK(denied["reason"] == "client 'orders' may not register 'Other'");
  CHECK(peer.ask({{"message_type", "UnregisterActor"}, {"actor_name", "Risk"}})["code"] == "not_authorized");
  CHECK(peer.ask({{"message_type", "Heartbeat"}, {"manager_id", "X"}})["code"] == "not_authorized");
  const auto batch = peer.ask({{"message_type", "RegisterActors"},
                               {"manager_id", "M"},
                               {"actors",
                                {{{"actor_name", "Order2"}, {"actor_endpoint", "tcp://h:2"}},
                                 {{"actor_name", "Risk2"}, {"actor_endpoint", "tcp://h:3"}}}}});
  CHECK(batch["results"][0]["ok"] == true);
  CHECK(batch["results"][1]["code"] == "not_authorized");
  const auto list = peer.ask({{"message_type", "ListActors"}});
  CHECK(list["actors"].size() == 2);
  CHECK(KeyedPeer().connect(registry.plain()).ask({{"message_type", "ListActors"}})["actors"].size() == 3);
  CHECK(registry.counters()["error.not_authorized"] == 4);
  CHECK(registry.log().find("client 'orders' may not register 'Other' (from 127.0.0.1)") !=
        std::string::npos);
}

TEST_CASE("of peers that take turns each does what it may, and what changes holds for the next message") {
  const auto secret = CurveKey::make_secret();
  const auto other_secret = CurveKey::make_secret();
  auto bound = client("bound", secret);
  bound.permissions.look_up = {"B*"};
  Secured registry({bound, client("free", other_secret)});
  KeyedPeer peer;
  KeyedPeer other;
  KeyedPeer plain;
  peer.with(secret, registry.key()).connect(registry.curve());
  other.with(other_secret, registry.key()).connect(registry.curve());
  plain.connect(registry.plain());
  const auto is_denied = [](KeyedPeer& one) { return one.ask(lookup)["code"] == "not_authorized"; };
  const auto is_served = [](KeyedPeer& one) { return one.ask(lookup)["message_type"] == "LookupResult"; };
  for (int turn = 0; turn < 3; ++turn) {
    CHECK(is_denied(peer));
    CHECK(is_denied(peer));
    CHECK(is_served(other));
    CHECK(is_denied(peer));
    CHECK(is_served(plain));
    CHECK(is_served(other));
  }
  auto other_bound = client("free", other_secret);
  other_bound.permissions.look_up = {"B*"};
  registry.trust({client("bound", secret), other_bound});
  CHECK(is_denied(other));
  CHECK(is_served(peer));
  CHECK(is_served(plain));
}

TEST_CASE("one that brings a User-Id of its own along is still who the registry says it is") {
  Secured registry({client("orders", CurveKey::make_secret())});
  const auto text = [](std::string_view bytes) { return std::string(bytes); };
  const auto property = [](std::string_view name, std::string_view value) {
    return std::string(1, static_cast<char>(name.size())) + std::string(name) + std::string(3, '\0') +
           static_cast<char>(value.size()) + std::string(value);
  };
  const std::string ready =
      text("\5READY") + property("Socket-Type", "DEALER") + property("User-Id", "somebody");
  const Raw forger(registry.plain());
  forger.send(std::string("\xFF\0\0\0\0\0\0\0\1\x7F\3\0NULL", 16) + std::string(48, '\0'));
  forger.send(std::string("\4", 1) + static_cast<char>(ready.size()) + ready);
  CHECK(forger.receive_until("READY"));
  const auto body = lookup.dump();
  forger.send(std::string(1, '\0') + static_cast<char>(body.size()) + body);
  CHECK(forger.receive_until("LookupResult"));
}

TEST_CASE("an allow list keeps others out, and a changed one those who are in") {
  ServerOptions options;
  options.settings.allow = {{"tcp://localhost:*", {"10.0.0.0/8", "127.0.0.0/8"}}};
  Secured registry({}, options);
  KeyedPeer peer;
  peer.connect(registry.plain());
  CHECK_FALSE(peer.ask(lookup).is_null());
  registry.change([](ServerSettings& settings) { settings.allow[0].networks = {"10.0.0.0/8"}; });
  CHECK(peer.ask(lookup, 300).is_null());
  CHECK(KeyedPeer().connect(registry.plain()).ask(lookup, 300).is_null());
  CHECK(registry.log().find("127.0.0.1 is in no network of security.allow any more") != std::string::npos);
  CHECK(registry.log().find("a connection from 127.0.0.1 is in no network of security.allow: refused") !=
        std::string::npos);
  // 300: they try again by themselves, and are let in when that changes.
  registry.change([](ServerSettings& settings) { settings.allow.clear(); });
  CHECK_FALSE(peer.ask(lookup, 20'000).is_null());
}

TEST_CASE("connections beyond the limit are ended, and those within it served") {
  ServerOptions options;
  options.settings.limits.connections = 20;
  Secured registry({}, options);
  KeyedPeer peer;
  peer.connect(registry.plain());
  CHECK_FALSE(peer.ask(lookup).is_null());
  std::vector<Raw> crowd;
  for (int i = 0; i < 200; ++i)
    crowd.emplace_back(registry.plain());
  CHECK_FALSE(peer.ask(lookup).is_null());
  const auto ended = [&] {
    return std::count_if(crowd.begin(), crowd.end(), [](const Raw& one) { return one.is_ended(0); });
  };
  CHECK(eventually([&] { return ended() >= 181; }));
  CHECK(registry.log().find("there are 20 connections already (limits.connections") != std::string::npos);
  crowd.clear();
  CHECK(eventually([&] { return !KeyedPeer().connect(registry.plain()).ask(lookup, 300).is_null(); }));
}

TEST_CASE("a handshake that does not end is ended after 5 s") {
  Secured registry({});
  const Raw silent(registry.plain());
  const Raw begun(registry.curve());
  begun.send(std::string("\xFF\0\0\0\0\0\0\0\1\x7F", 10) + std::string("\3\0CURVE", 7) +
             std::string(47, '\0'));
  CHECK(silent.is_ended(30'000));
  CHECK(begun.is_ended(30'000));
  CHECK(eventually([&] { return registry.counters()["refused.handshake"] >= 2; }));
}

TEST_CASE("a listener can't silence the others by unsubscribing what is theirs") {
  ServerOptions options;
  options.events_endpoint = "tcp://127.0.0.1:*";
  const RunningServer server(options);
  KeyedPeer listener(zmq::socket_type::sub);
  listener.connect(server.events_endpoint()).socket().set(zmq::sockopt::subscribe, "");
  KeyedPeer hostile(zmq::socket_type::xsub);
  hostile.connect(server.events_endpoint());
  for (int i = 0; i < 100; ++i)
    hostile.socket().send(zmq::buffer(std::string("\0", 1) + std::to_string(i)));
  hostile.socket().send(zmq::str_buffer("x"), zmq::send_flags::sndmore);
  hostile.socket().send(zmq::buffer(std::string("\0", 1)));
  listener.socket().set(zmq::sockopt::rcvtimeo, 20'000);
  for (int ticks = 0; ticks < 3; ++ticks) {
    std::vector<zmq::message_t> parts;
    CHECK(zmq::recv_multipart(listener.socket(), std::back_inserter(parts)));
  }
}

TEST_CASE("without a key CURVE can't be bound") {
  ServerOptions options;
  options.endpoints = options.curve_endpoints = {"tcp://127.0.0.1:*"};
  CHECK_THROWS_AS(registry_core::Server{options}, registry_core::BindError);
}
