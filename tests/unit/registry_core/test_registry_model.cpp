// The registry against a model so small that it is right by inspection: it walks over everything and keeps a
// deadline for each life, where the registry keeps lists and one bound for all. In between the registry is
// stopped, its state is made anew from what was to be stored, and nobody may see a difference.

#include "tests/unit/registry_core/simulated.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace registry_core;

namespace {

using Instance = std::optional<std::string>;
constexpr Nanos timeout = 6 * nanos_per_second;

struct Model {
  struct Manager {
    Instance current;
    std::vector<Instance> superseded;
    Nanos online_until = 0;
    Nanos offline_since = 0; ///< where it is offline by other means than silence
    std::map<Instance, Nanos> heard_until;
    std::map<Instance, Nanos> superseded_at;
    std::set<std::string> lost;
    bool expected = false; ///< ends with its next return and with a new life
  };
  struct Name {
    std::string manager, endpoint;
    Instance instance;
  };
  std::map<std::string, Manager> managers;
  std::map<std::string, Name> names;
  Takeover takeover = Takeover::offline;
  Nanos now = 0;

  void stall(Nanos after) {
    for (auto& [id, manager] : managers) {
      if (manager.online_until > now) manager.online_until = after + timeout;
      for (auto& [instance, until] : manager.heard_until) {
        if (until > now) until = after + timeout;
      }
    }
    now = after;
  }
  bool refuses(const std::string& id, const Instance& instance) {
    const auto found = managers.find(id);
    if (found == managers.end() || !instance || found->second.current == instance) return false;
    const auto& old = found->second.superseded;
    return found->second.online_until > now && std::find(old.begin(), old.end(), instance) != old.end();
  }
  bool speak(const std::string& id, const Instance& instance) {
    if (refuses(id, instance)) {
      managers[id].heard_until[instance] = now + timeout;
      return false;
    }
    Manager& manager = managers[id];
    if (manager.online_until <= now) manager.expected = false;
    if (instance && manager.current != instance) {
      std::erase(manager.superseded, instance);
      if (manager.current) {
        manager.superseded.push_back(manager.current);
        manager.superseded_at[manager.current] = now;
      }
      if (manager.superseded.size() > 8) manager.superseded.erase(manager.superseded.begin());
      manager.current = instance;
      manager.expected = false;
    }
    manager.online_until = manager.heard_until[manager.current] = now + timeout;
    return true;
  }
  std::uint64_t say_goodbye(const std::string& id, const Instance& instance, bool forget) {
    const auto found = managers.find(id);
    if (found == managers.end() || (instance && found->second.current != instance)) return 0;
    if (forget) {
      const auto count = std::erase_if(names, [&](const auto& one) { return one.second.manager == id; });
      managers.erase(found);
      return count;
    }
    Manager& manager = found->second;
    manager.online_until = manager.heard_until[manager.current] = 0;
    manager.offline_since = now;
    return held(id);
  }
  bool expect(const std::string& id, bool is_expected) {
    const auto found = managers.find(id);
    if (found == managers.end()) return false;
    found->second.expected = is_expected;
    return is_expected;
  }
  void restart() {
    for (auto& [id, manager] : managers) {
      const bool online = manager.online_until > now;
      manager.online_until = online ? timeout : 0;
      manager.offline_since = 0;
      for (auto& [instance, until] : manager.heard_until)
        until = manager.online_until;
      for (auto& [instance, at] : manager.superseded_at)
        at = 0;
    }
    now = 0;
  }
  /// What has been offline for so long: whole managers, and names of superseded lives of those that are
  /// online.
  void forget(Nanos after) {
    for (auto manager = managers.begin(); manager != managers.end();) {
      const auto& [id, one] = *manager;
      const bool offline = one.online_until <= now;
      const bool due = offline && now - std::max(one.online_until, one.offline_since) >= after;
      std::erase_if(names, [&, &id = id, &one = one](const auto& entry) {
        const Name& name = entry.second;
        if (name.manager != id) return false;
        const bool superseded = name.instance && name.instance != one.current;
        return due || (superseded && now - one.superseded_at.at(name.instance) >= after);
      });
      manager = due ? managers.erase(manager) : std::next(manager);
    }
  }
  bool is_online(const Name& name) {
    const Manager& manager = managers[name.manager];
    return manager.online_until > now && (!name.instance || name.instance == manager.current);
  }
  bool owner_is_heard(const Name& name) {
    Manager& manager = managers[name.manager];
    return (name.instance ? manager.heard_until[name.instance] : manager.online_until) > now;
  }
  std::string add(const std::string& id, const std::string& name, const Instance& instance,
                  const std::string& endpoint) {
    if (!speak(id, instance)) return "superseded";
    const auto found = names.find(name);
    if (found != names.end() && found->second.manager != id) {
      if (takeover == Takeover::never || owner_is_heard(found->second)) return "taken";
      managers[found->second.manager].lost.insert(name);
    }
    names[name] = {id, endpoint, instance};
    managers[id].lost.erase(name);
    return "ok";
  }
  std::string remove(const std::string& name, const Instance& id, const Instance& instance) {
    const auto found = names.find(name);
    const std::string manager = id ? *id : found != names.end() ? found->second.manager : "";
    if (refuses(manager, instance)) return "superseded";
    if (managers.contains(manager)) managers[manager].lost.erase(name);
    if (found != names.end() && id && found->second.manager != *id) return "taken";
    if (found == names.end()) return "ok";
    // Removed by somebody else: its manager is told, if it is one that reads it.
    if (!id && found->second.instance) managers[found->second.manager].lost.insert(name);
    names.erase(found);
    return "ok";
  }
  std::uint64_t held(const std::string& id) {
    std::uint64_t count = 0;
    for (const auto& [name, value] : names) {
      count += value.manager == id && (!value.instance || value.instance == managers[id].current);
    }
    return count;
  }
};

std::string outcome(const protocol::Reply& reply) {
  return is_ok(reply) ? "ok" : std::string(protocol::name_of(failure(reply).code));
}

struct Rules {
  Takeover takeover = Takeover::offline;
  std::optional<Nanos> forget_after;
};

class Comparison {
public:
  Comparison(unsigned seed, Rules rules) : random_(seed), rules_(rules), sim_(options()) {
    model_.takeover = rules.takeover;
  }

  void step() {
    switch (pick(20)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5: add(); break;
    case 6: remove(); break;
    case 7:
    case 8:
    case 9:
    case 10:
    case 11: beat(); break;
    case 12: pass(pick(3000)); break;
    case 13: pick(8) == 0 ? pass(pick(8000)) : pass(pick(1500)); break;
    case 14: pick(6) == 0 ? stall() : pass(1); break;
    case 15: sim_.registry.expire(sim_.time(), static_cast<std::size_t>(pick(3))); break;
    case 16: say_goodbye(); break;
    case 17: expect(); break;
    case 18: pick(4) == 0 ? restart() : forget(); break;
    default: add_many(); break;
    }
    compare();
  }

private:
  int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  std::string manager() { return "M" + std::to_string(pick(4)); }
  std::string name() { return "A" + std::to_string(pick(6)); }
  Instance instance() {
    // Mostly few, so that lives come back; sometimes many, so that old ones are forgotten.
    const int kind = pick(10);
    if (kind < 3) return std::nullopt;
    return "i" + std::to_string(kind < 9 ? pick(3) : pick(30));
  }
  static Simulated::Text view(const Instance& text) { return text ? Simulated::Text(*text) : std::nullopt; }

  RegistryOptions options() const {
    RegistryOptions result;
    result.takeover = rules_.takeover;
    result.forget_offline_after = rules_.forget_after;
    return result;
  }

  /// As the server does it, with what is stored kept in order.
  protocol::Reply send(const protocol::Request& request) {
    const Asker asker{sim_.address, sim_.time()};
    Plan plan = sim_.registry.decide(request, asker);
    REQUIRE_FALSE(plan.waits);
    if (plan.answer) return std::move(*plan.answer);
    sim_.registry.propose(plan);
    for (const Change& change : plan.changes)
      stored_.push_back(change);
    sim_.registry.apply(plan, asker);
    return sim_.registry.reply(request, plan, asker);
  }
  protocol::Reply send_registration(const std::string& id, const std::string& actor,
                                    const std::string& endpoint, const Instance& life) {
    return send(protocol::RegisterActor{id, actor, endpoint, view(life), {}});
  }

  void add() {
    const auto id = manager(), actor = name(), endpoint = "tcp://h:" + std::to_string(1 + pick(3));
    const Instance life = instance();
    const auto reply = send_registration(id, actor, endpoint, life);
    REQUIRE(outcome(reply) == model_.add(id, actor, life, endpoint));
    if (is_ok(reply)) REQUIRE(std::get<protocol::RegistrationOk>(reply).actors == model_.held(id));
  }
  void add_many() {
    const auto id = manager(), first = name(), endpoint = std::string("tcp://h:4");
    const Instance life = instance();
    const std::string second = first == "A0" ? "A1" : "A0";
    const auto reply =
        send(protocol::RegisterActors{id, {{first, endpoint}, {second, endpoint}}, view(life), {}});
    const auto& results = std::get<protocol::RegistrationResults>(reply).results;
    for (const auto& result : results) {
      const std::string expected = model_.add(id, std::string(result.actor_name), life, endpoint);
      REQUIRE((result.ok ? "ok" : std::string(protocol::name_of(result.code))) == expected);
    }
    REQUIRE(results.size() == 2);
  }
  void say_goodbye() {
    if (pick(4) != 0) return;
    const auto id = manager();
    const Instance life = instance();
    const bool forget = pick(4) == 0;
    const auto reply = send(protocol::UnregisterManager{id, view(life), forget});
    REQUIRE(std::get<protocol::ManagerUnregistered>(reply).actors == model_.say_goodbye(id, life, forget));
  }
  void expect() {
    const auto id = manager();
    const bool expected = pick(3) != 0;
    // So long that only returns and new lives end it.
    const auto reply = send(protocol::ExpectOffline{id, expected ? 1e6 : 0.0, {}});
    REQUIRE((std::get<protocol::Expected>(reply).seconds > 0) == model_.expect(id, expected));
  }
  void forget() {
    sim_.registry.expire(sim_.time(), SIZE_MAX);
    while (const auto plan = sim_.registry.forget(sim_.time(), static_cast<std::size_t>(1 + pick(3)))) {
      for (const Change& change : plan->changes)
        stored_.push_back(change);
      sim_.registry.apply(*plan, {{}, sim_.time()});
    }
    if (rules_.forget_after) model_.forget(*rules_.forget_after);
  }
  void store_presence() {
    for (Change& change : sim_.registry.take_unstored(sim_.time(), SIZE_MAX))
      stored_.push_back(std::move(change));
  }
  /// A snapshot of the state as it is, in slices between which it goes on changing, and the log from its
  /// beginning on: as good as the whole log.
  void compact() {
    std::vector<Change> snapshot;
    Registry::Walk walk;
    const std::size_t begin = stored_.size();
    while (sim_.registry.walk(walk, sim_.time(), static_cast<std::size_t>(1 + pick(3)),
                              [&](const Change& change) { snapshot.push_back(change); })) {
      if (pick(2) == 0) add();
      if (pick(4) == 0) say_goodbye();
      if (pick(4) == 0) remove();
    }
    snapshot.insert(snapshot.end(), stored_.begin() + static_cast<std::ptrdiff_t>(begin), stored_.end());
    stored_ = std::move(snapshot);
  }
  void restart() {
    compact();
    sim_.registry.expire(sim_.time(), SIZE_MAX);
    store_presence();
    RegistryOptions again = options();
    again.epoch = "e1";
    again.run = "r2";
    Registry registry(std::move(again));
    for (const Change& change : stored_)
      registry.restore(Change(change));
    sim_.now = 0;
    registry.restored(sim_.time());
    REQUIRE(registry.take_events().empty());
    sim_.registry = std::move(registry);
    model_.restart();
    compare_counts();
  }
  void remove() {
    const auto actor = name();
    const Instance id = pick(3) ? Instance(manager()) : std::nullopt;
    const Instance life = instance();
    const auto reply = send(protocol::UnregisterActor{actor, view(id), view(life)});
    REQUIRE(outcome(reply) == model_.remove(actor, id, life));
  }
  void beat() {
    const auto id = manager();
    const Instance life = instance();
    const auto ack = std::get<protocol::HeartbeatAck>(send(protocol::Heartbeat{id, view(life), {}}));
    const bool spoke = model_.speak(id, life);
    REQUIRE(ack.superseded == !spoke);
    REQUIRE(ack.actors == model_.held(id));
    const auto& lost = model_.managers[id].lost;
    if (spoke) REQUIRE(std::equal(ack.lost.begin(), ack.lost.end(), lost.begin(), lost.end()));
  }
  void pass(int milliseconds) {
    sim_.pass(milliseconds / 1000.0);
    model_.now = sim_.now;
  }
  void stall() {
    sim_.stall(30);
    model_.stall(sim_.now);
  }
  void compare() {
    for (int i = 0; i < 6; ++i) {
      const std::string actor = "A" + std::to_string(i);
      const auto result = sim_.look(actor);
      const auto found = model_.names.find(actor);
      REQUIRE(result.endpoint.has_value() == (found != model_.names.end()));
      if (!result.endpoint) continue;
      REQUIRE(*result.endpoint == found->second.endpoint);
      REQUIRE(*result.manager_id == found->second.manager);
      REQUIRE(result.online == model_.is_online(found->second));
    }
    if (pick(20) == 0) compare_counts();
    sim_.registry.take_events();
  }
  void compare_counts() {
    sim_.registry.expire(sim_.time(), SIZE_MAX);
    const auto counts = sim_.registry.counts();
    std::uint64_t actors = 0, managers = 0;
    for (const auto& [id, one] : model_.managers)
      managers += one.online_until > model_.now;
    for (const auto& [id, one] : model_.names)
      actors += model_.is_online(one);
    REQUIRE(counts.managers == model_.managers.size());
    REQUIRE(counts.managers_online == managers);
    REQUIRE(counts.actors == model_.names.size());
    REQUIRE(counts.actors_online == actors);
    for (const auto& [id, one] : model_.managers)
      REQUIRE(sim_.manager(id).expected.has_value() == one.expected);
  }

  std::mt19937 random_;
  Rules rules_;
  Simulated sim_;
  Model model_;
  std::vector<Change> stored_;
};

} // namespace

TEST_CASE("a million random steps do what the model says") {
  constexpr int steps = 25'000;
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    Rules rules;
    if (seed % 5 == 0) rules.takeover = Takeover::never;
    if (seed % 2 == 0) rules.forget_after = 10 * nanos_per_second;
    Comparison comparison(seed, rules);
    for (int step = 0; step < steps; ++step) {
      CAPTURE(step);
      comparison.step();
    }
  }
}
