// Requests of several peers over a store that answers when the test says so: what is acknowledged is stored,
// nobody sees what is not, and each peer is answered in order.

#include "registry_core/dispatcher.hpp"

#include "registry_core/store/record.hpp"
#include "tests/unit/registry_core/simulated.hpp"

#include <map>
#include <random>

using namespace registry_core;

namespace {

/// One peer's view: what it sent and what came back.
struct Peer {
  std::string name;
  std::vector<std::string> answers;
};

std::string text_of(const protocol::Reply& reply) {
  if (std::holds_alternative<protocol::RegistrationOk>(reply)) return "ok";
  if (const auto* failed = std::get_if<protocol::RegistrationFailed>(&reply))
    return std::string(protocol::name_of(failed->code));
  if (const auto* found = std::get_if<protocol::LookupResult>(&reply))
    return found->endpoint ? std::string(*found->endpoint) : "none";
  if (const auto* ack = std::get_if<protocol::HeartbeatAck>(&reply))
    return ack->superseded ? "superseded" : "ack " + std::to_string(ack->actors);
  if (const auto* error = std::get_if<protocol::Error>(&reply))
    return std::string(protocol::name_of(error->code));
  return "?";
}

class Message : public Incoming {
public:
  Message(Peer& peer, protocol::Request request, Now now) : peer_(peer), request_(std::move(request)) {
    arrived = now;
  }
  const protocol::Request& decode() override { return request_; }
  [[nodiscard]] std::string_view peer() const override { return peer_.name; }
  const std::string& address() override { return address_; }
  std::string local_host() override { return {}; }
  void reply(const protocol::Reply& reply) override { peer_.answers.push_back(text_of(reply)); }
  std::unique_ptr<Incoming> keep() override { return std::make_unique<Message>(*this); }

private:
  Peer& peer_;
  std::string address_ = "10.0.0.9";
  protocol::Request request_; ///< its views are of texts that outlive the test
};

struct Desk {
  Desk() : dispatcher(sim.registry, counters, options()) {}

  Dispatcher::Options options() {
    Dispatcher::Options result;
    result.append = [this](std::string batch) {
      REQUIRE_FALSE(under_way);
      under_way = std::move(batch);
    };
    result.most_of_a_peer = 5;
    return result;
  }
  void send(Peer& peer, const protocol::Request& request) {
    Message message(peer, request, sim.time());
    dispatcher.take(message);
  }
  void add(Peer& peer, std::string_view manager, std::string_view actor,
           std::string_view endpoint = "tcp://h:1", Simulated::Text instance = {}) {
    send(peer, protocol::RegisterActor{manager, actor, endpoint, instance, {}});
  }
  void look(Peer& peer, std::string_view actor) { send(peer, protocol::LookupActor{actor}); }
  void beat(Peer& peer, std::string_view manager, Simulated::Text instance = {}) {
    send(peer, protocol::Heartbeat{manager, instance, {}});
  }
  void submit() { dispatcher.submit(sim.time()); }
  void store(const std::string& error = {}) {
    REQUIRE(under_way);
    const std::string batch = std::move(*under_way);
    under_way.reset();
    if (error.empty()) {
      RecordReader reader(batch);
      while (auto change = reader.next())
        stored.push_back(std::move(*change));
    }
    dispatcher.stored(sim.time(), error);
    while (dispatcher.work(1)) {
    }
  }
  void settle() {
    for (submit(); under_way; submit())
      store();
  }

  Simulated sim;
  Counters counters;
  std::optional<std::string> under_way;
  std::vector<Change> stored;
  Dispatcher dispatcher;
};

using Answers = std::vector<std::string>;

} // namespace

TEST_CASE("a registration is answered and seen when it is stored, not before") {
  Desk desk;
  Peer a{"a", {}}, b{"b", {}};
  desk.add(a, "M", "A");
  desk.look(b, "A");
  CHECK(b.answers == Answers{"none"});
  desk.submit();
  desk.look(b, "A");
  CHECK(a.answers.empty());
  CHECK(b.answers.back() == "none");
  CHECK_FALSE(desk.dispatcher.idle());
  desk.store();
  CHECK(a.answers == Answers{"ok"});
  desk.look(b, "A");
  CHECK(b.answers.back() == "tcp://h:1");
  desk.settle();
  CHECK(desk.dispatcher.idle());
}

TEST_CASE("a peer reads its own writes, in order") {
  Desk desk;
  Peer a{"a", {}};
  desk.look(a, "A");
  desk.add(a, "M", "A");
  desk.look(a, "A");
  desk.beat(a, "M");
  CHECK(a.answers == Answers{"none"});
  desk.settle();
  CHECK(a.answers == Answers{"none", "ok", "tcp://h:1", "ack 1"});
}

TEST_CASE("registrations behind each other go with one batch") {
  Desk desk;
  Peer a{"a", {}};
  desk.add(a, "M", "A");
  desk.settle();
  desk.add(a, "M", "B");
  desk.add(a, "M", "C");
  desk.add(a, "M", "D");
  desk.submit();
  desk.store();
  CHECK(a.answers == Answers{"ok", "ok", "ok", "ok"});
}

TEST_CASE("who asks for a name that is being changed waits for it") {
  Desk desk;
  Peer a{"a", {}}, b{"b", {}};
  desk.add(a, "M", "A");
  desk.add(b, "N", "A");
  CHECK(b.answers.empty());
  desk.settle();
  CHECK(a.answers == Answers{"ok"});
  CHECK(b.answers == Answers{"taken"});
}

TEST_CASE("a failed batch leaves no trace, and the next one may work") {
  Desk desk;
  Peer a{"a", {}}, b{"b", {}};
  desk.add(a, "M", "A");
  desk.settle();
  desk.add(a, "M", "B");
  desk.look(a, "B");
  desk.send(b, protocol::UnregisterActor{"A", {}, {}});
  desk.beat(b, "N");
  desk.submit();
  desk.store("disk full");
  CHECK(a.answers == Answers{"ok", "unavailable", "none"});
  CHECK(b.answers == Answers{"unavailable", "unavailable"}); // a life that can't be stored does not begin
  desk.beat(a, "M");
  CHECK(a.answers.back() == "ack 1");
  desk.settle();
  desk.add(a, "M", "B");
  desk.settle();
  CHECK(a.answers.back() == "ok");
}

TEST_CASE("a manager that waits for its change is heard meanwhile") {
  Desk desk;
  Peer a{"a", {}}, b{"b", {}};
  desk.add(a, "M", "A");
  desk.settle();
  desk.add(a, "M", "B");
  desk.submit();
  for (int i = 0; i < 4; ++i) {
    desk.sim.pass(4);
    desk.beat(a, "M");
  }
  desk.look(b, "A");
  CHECK(desk.sim.online("A"));
  desk.store();
  CHECK(desk.sim.online("B"));
}

TEST_CASE("a message that waited counts from when it arrived") {
  Desk desk;
  Peer a{"a", {}};
  desk.beat(a, "M", "one");
  desk.submit();
  desk.sim.pass(5);
  desk.store();
  CHECK(a.answers == Answers{"ack 0"});
  CHECK(desk.sim.manager("M").online);
  desk.sim.pass(1);
  CHECK_FALSE(desk.sim.manager("M").online);
}

TEST_CASE("what a peer sends beyond its share is dropped and counted") {
  Desk desk;
  Peer a{"a", {}};
  desk.add(a, "M", "A");
  for (int i = 0; i < 9; ++i)
    desk.look(a, "A");
  desk.settle();
  CHECK(a.answers.size() == 5);
  const auto counts = desk.counters.list();
  const auto dropped = std::find_if(counts.begin(), counts.end(),
                                    [](const auto& one) { return one.name == "dropped_replies"; });
  CHECK(dropped->value == 5);
}

TEST_CASE("random peers over a slow and failing store: acknowledged is stored, and stored is the state") {
  static const std::array<std::string, 3> managers = {"M0", "M1", "M2"};
  static const std::array<std::string, 4> names = {"A0", "A1", "A2", "A3"};
  static const std::array<std::string, 3> endpoints = {"tcp://h:1", "tcp://h:2", "tcp://h:3"};
  static const std::array<std::string, 3> instances = {"i0", "i1", "i2"};
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto pick = [&](std::size_t below) {
      return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
    };
    Desk desk;
    desk.dispatcher.change_most_of_a_peer(1'000'000);
    std::array<Peer, 4> peers;
    std::array<std::size_t, 4> sent{};
    for (std::size_t i = 0; i < peers.size(); ++i)
      peers[i].name = "p" + std::to_string(i);
    for (int step = 0; step < 3000; ++step) {
      const std::size_t which = pick(peers.size());
      Peer& peer = peers[which];
      const Simulated::Text life = pick(3) == 0 ? Simulated::Text() : instances[pick(3)];
      switch (pick(8)) {
      case 0:
      case 1: desk.add(peer, managers[pick(3)], names[pick(4)], endpoints[pick(3)], life); break;
      case 2: desk.send(peer, protocol::UnregisterActor{names[pick(4)], {}, {}}); break;
      case 3: desk.look(peer, names[pick(4)]); break;
      case 4: desk.beat(peer, managers[pick(3)], life); break;
      case 5:
        desk.sim.pass(static_cast<double>(pick(3000)) / 1000);
        --sent[which];
        break;
      case 6:
        if (!desk.under_way) desk.submit();
        --sent[which];
        break;
      default:
        if (desk.under_way) desk.store(pick(5) == 0 ? "disk full" : "");
        --sent[which];
      }
      ++sent[which];
    }
    desk.settle();
    desk.sim.pass(1);
    desk.settle();
    REQUIRE(desk.dispatcher.idle());
    for (std::size_t i = 0; i < peers.size(); ++i)
      REQUIRE(peers[i].answers.size() == sent[i]);

    Registry again(desk.sim.registry.options());
    for (Change& change : desk.stored)
      again.restore(std::move(change));
    again.restored(desk.sim.time());
    const auto all = [&](const Registry& registry) {
      std::vector<Change> changes;
      Registry::Walk walk;
      registry.walk(walk, desk.sim.time(), SIZE_MAX,
                    [&](const Change& change) { changes.push_back(change); });
      for (Change& change : changes) {
        // Presence and addresses are of the present, not of the past.
        if (auto* manager = std::get_if<ManagerStored>(&change)) {
          manager->online = false;
          manager->address.clear();
        }
      }
      return changes;
    };
    REQUIRE(all(again) == all(desk.sim.registry));
  }
}
